"""Looks for the programs of the commands with which services are stopped, started and read, and the platform is
changed. No command is run."""

import shlex
import subprocess
from collections.abc import Iterator

from pytest_examday.config.changes import ExamModeSettings
from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import CommandSettings, ServiceCommands
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.target.target import Target

_NOT_PLAIN = frozenset("$`(){}<>|&;=*?~'\"\\")
"""Characters that the shell reads itself: a first word with one of them is not looked for."""
_SECONDS = 10.0


def commands_not_found(target: Target) -> Iterator[CheckResult]:
    """A result for each command whose first word is no program and no word of the shell."""
    environment = target.environment
    commands = list(_of_changes(environment))
    if isinstance(environment.runtime, CommandSettings):
        commands += _of_runtime(environment.runtime)
    found: dict[str, bool] = {}
    for where, command in commands:
        program = _program(command)
        if program is not None and not found.setdefault(program, _exists(program)):
            message = f"{program}: no such program; the command cannot be run"
            yield CheckResult("a command", "wrong", message, f"env.{environment.name}.{where}")


def _of_changes(environment: Environment) -> Iterator[tuple[str, str]]:
    """The key of each command that changes the platform, and its text."""
    switches = environment.exam_mode or ExamModeSettings()
    changes = {"exam_mode.on": switches.on, "exam_mode.off": switches.off, "clean_up": environment.clean_up}
    for key, change in changes.items():
        if change is not None and change.command is not None:
            yield f"{key}.command", change.command


def _of_runtime(settings: CommandSettings) -> Iterator[tuple[str, str]]:
    """The key of each command of the runtime, and its text."""
    names = [name for name in ServiceCommands.model_fields if name != "address"]
    for service, commands in settings.services.items():
        given = ((name, getattr(commands, name)) for name in names)
        yield from ((f"runtime.services.{service}.{name}", command) for name, command in given if command is not None)
    yield from ((f"runtime.jobs.{name}", command) for name, command in settings.jobs.items())


def _program(command: str) -> str | None:
    """The first word of the command; None if the shell does more with it than look it up."""
    try:
        first = next(iter(command.split()), "")
        words = shlex.split(first)
    except ValueError:
        return None
    plain = words == [first] and not _NOT_PLAIN.intersection(first)
    return first if plain else None


def _exists(program: str) -> bool:
    """Whether the shell knows the word: as a program, or as a command of its own."""
    script = ["/bin/sh", "-c", 'command -v -- "$1"', "sh", program]
    return subprocess.run(script, capture_output=True, check=False, timeout=_SECONDS).returncode == 0
