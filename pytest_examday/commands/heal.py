"""The command `heal`: take out the faults that earlier rehearsals left in a platform, and print what was done."""

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pytest_examday.config.configuration_file import locate
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.faults.healing import HealReport, heal_all, healing_lock
from pytest_examday.faults.healing_runtime import healing_runtime
from pytest_examday.faults.journal import JOURNAL_FILE, IntendedFault, Journal
from pytest_examday.faults.runtime_address import environment_of
from pytest_examday.named_files import is_folder
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.run_directory import is_run_directory
from pytest_examday.run.terminal_text import print_line
from pytest_examday.runtimes.base import Runtime
from pytest_examday.safety.lock import LOCK_FILE, holder
from pytest_examday.safety.owner import user
from pytest_examday.safety.state_directory import VARIABLE, state_directory_of, state_root
from pytest_examday.target.target import Target

NAME = "heal"
HELP = "take out the faults that rehearsals left in, read the state back, say what was done; 0 only if none is left"

OpenRuntime = Callable[[IntendedFault], Runtime]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `heal`."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="a run directory; without any, all that are known")
    parser.add_argument("--env", metavar="NAME", help="only the platform of this environment")
    parser.add_argument("--examday-config", metavar="FILE", help="its configuration (default: examday.toml)")


def run(given: argparse.Namespace) -> int:
    """Take out every fault that was left, and print one line for each.

    Returns 0 only if no fault is left, otherwise 1. Raises UsageProblem for arguments that contradict each other, an
    unknown environment or a directory that does not exist.
    """
    if given.directory is not None and given.env is not None:
        raise UsageProblem("heal: give a run directory or --env NAME, not both")
    if given.env is not None:
        return _heal_environment(given.env, given.examday_config)
    if given.examday_config is not None:
        raise UsageProblem("heal: --examday-config needs --env NAME")
    journals = _journals_of_user() if given.directory is None else _journals_of_run(Path(given.directory))
    if not journals:
        _say(
            f"no platform has a fault: there is no fault journal in {state_root()}"
            if given.directory is None
            else f"no fault was put in by the run of {given.directory}"
        )
    redactor = Redactor()
    opening = partial(_runtime_of, redactor)
    return max([_heal(journal, opening, redactor, Path.cwd()) for journal in journals], default=0)


def _heal_environment(name: str, config: str | None) -> int:
    environment = load_environment(name, None, config, (Path.cwd(),), healing=True)
    if environment.embedded:
        _say(f"env.{name}: nothing to heal, because its embedded platform ends with each run, and with it every fault")
        return 0
    journal = Journal(state_directory_of(environment) / JOURNAL_FILE)
    path, _ = locate(config, (Path.cwd(),))
    target = Target(environment, RunFiles(journal.path.parent, Redactor()), os.getpid(), config=path)
    within = Path.cwd() if path is None else path.absolute().parent
    return _heal(journal, lambda fault: healing_runtime(target), target.files.redactor, within)


def _journals_of_user() -> list[Journal]:
    """The fault journals of all platforms on which this user has rehearsed."""
    return [Journal(path) for path in sorted(state_root().glob(f"*/{JOURNAL_FILE}"))]


def _journals_of_run(directory: Path) -> list[Journal]:
    """The platforms' fault journals that the copy in one run directory refers to. Raises UsageProblem for one that is
    not where journals are kept: somebody else may have written the copy."""
    if not is_folder(directory):
        raise UsageProblem(f"heal {directory}: no such directory")
    if not (directory / JOURNAL_FILE).exists() and not is_run_directory(directory):
        raise UsageProblem(f"heal {directory}: no run has made this directory; name one such as rehearsals/latest")
    written = _read(Journal(directory / JOURNAL_FILE)).entries
    intended = (entry for entry in written if isinstance(entry, IntendedFault))
    paths = dict.fromkeys(_resolved(entry.journal, directory) for entry in intended)
    for path in paths:
        if not path.is_relative_to(state_root().resolve()) and path != (directory / JOURNAL_FILE).resolve():
            raise UsageProblem(
                f"heal {directory}: its faults stand in {path}, which is not below {state_root()}; "
                f"set {VARIABLE} as it was in the rehearsal"
            )
    return [
        Journal(path) for path in (paths or ([directory / JOURNAL_FILE] if (directory / JOURNAL_FILE).exists() else []))
    ]


def _resolved(path: str, directory: Path) -> Path:
    try:
        return Path(path).resolve()
    except (OSError, ValueError):  # a NUL in the name, for instance
        raise UsageProblem(f"heal {directory}: its faults stand in {path!r}, which no file can be called") from None


def _read(journal: Journal) -> Any:
    try:
        return journal.read()
    except Unmeasurable as reason:
        raise UsageProblem(str(reason)) from None


def _runtime_of(redactor: Redactor, fault: IntendedFault) -> Runtime:
    """The runtime of the environment in which the fault was put in; the fault's journal entry says which one that is,
    and the configuration of the working folder by which commands it is reached."""
    environment = environment_of(fault, Path.cwd())
    return healing_runtime(Target(environment, RunFiles(Path(fault.journal).parent, redactor), os.getpid()))


def _heal(found: Journal, open_runtime: OpenRuntime, redactor: Redactor, within: Path) -> int:
    journal = Journal(found.path, clean=redactor.clean)
    _warn_of_a_running_rehearsal(journal)
    try:
        with healing_lock(journal):
            report = heal_all(journal, open_runtime, f"heal, run by {user()}", within)
            if _is_done_with(journal):
                journal.forget_if_closed()
    except Unmeasurable as reason:
        report = HealReport((str(reason),), (str(reason),))
    for line in report.lines or (f"{journal.path.parent.name}: no fault is in this platform",):
        _say(redactor.clean(line))
    if report.left:
        _say(f"if that platform is gone for good, remove {journal.path}")
    return 1 if report.left else 0


def _is_done_with(journal: Journal) -> bool:
    """Whether the journal may be deleted: not the copy in a run directory, and not the journal of a running rehearsal,
    whose drill reads from it that its fault was taken out."""
    folder = journal.path.parent
    return folder.is_relative_to(state_root()) and not (folder / LOCK_FILE).exists()


def _warn_of_a_running_rehearsal(journal: Journal) -> None:
    """Say that a rehearsal is under way. Healing still goes on: the person who started it has a reason."""
    owner = holder(journal.path.parent)
    if owner is not None:
        _say(f"a rehearsal is under way ({owner}); a drill whose fault is taken out now has measured nothing")


def _say(line: str) -> None:
    print_line(" ".join(line.splitlines()))
