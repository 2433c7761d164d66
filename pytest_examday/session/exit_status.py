"""The exit status of a run with `--env`: 0 only on GO, whatever ends the process.

The status is set around the hooks with which a run ends. A conftest.py may end the run in such a hook, for instance
with `sys.exit(0)` or `pytest.exit(returncode=0)`, before or after every hook of this plugin. `os._exit` stays guarded
until `pytest.main` returns; if pytest is the program that the process runs, until the process ends.

This module imports next to nothing of the plugin, because it is loaded before the first conftest.py is read.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any, Protocol

import pluggy
import pytest

from pytest_examday.session.typed_options import TYPED

EXIT_CONTROL: "pytest.StashKey[ExitControl]" = pytest.StashKey()
"""The key under which `config.stash` holds the control."""
_INFORMATION_OPTIONS = ("help", "version", "markers")
"""Options with which pytest shows something and runs nothing. Whoever types one wants that; an ini file or the variable
PYTEST_ADDOPTS that adds one leaves all gates out."""
_EXIT = "_exit"
_WITH_EXIT = (os, sys.modules[os.name])
"""The modules that have this function: `os`, and the one of this system, `posix` or `nt`."""
_CONFIG = "_pytest.config"
_COMMANDS = ("console_main", "_console_main")
"""The functions of this module of pytest that `pytest` and `python -m pytest` call, and nothing else."""
_STATUSES = 0x100
"""The system reports the remainder of an exit status by this number."""


class JudgedRun(Protocol):
    """The methods of a run that the control calls."""

    @property
    def may_end_with_0(self) -> bool:
        """Whether its verdict is GO, or none was asked for."""

    def judge(self, session: pytest.Session) -> None:
        """Make the verdict, and set the session's exit status by it."""

    def contradict(self, reason: str) -> None:
        """Turn a verdict of GO into NO-GO."""

    def end(self, session: pytest.Session) -> None:
        """Show the verdict if nothing has shown it yet, stop what was started, write the artifacts."""


class ExitControl:
    """Runs before and after the calls of hooks, and replaces `os._exit` and `posix._exit`. `judged_run` is None
    until there is a rehearsal."""

    def __init__(self, config: pytest.Config) -> None:
        self.judged_run: JudgedRun | None = None
        self._config = config
        self._getpid = os.getpid  # kept, because a test may replace that of the module
        self._pid = self._getpid()
        self._exit = os._exit
        self._is_program = _pytest_is_the_program()
        self._in_command = False
        self._session: pytest.Session | None = None
        self._unwatch: Callable[[], None] = lambda: None

    @classmethod
    def install(cls, config: pytest.Config) -> None:
        """Guard the exit status of this process; nothing if that is done already."""
        if EXIT_CONTROL not in config.stash:
            control = config.stash[EXIT_CONTROL] = cls(config)
            control._unwatch = config.pluginmanager.add_hookcall_monitoring(control._before, control._after)
            for module in _WITH_EXIT:
                setattr(module, _EXIT, control._end_at_once)
            config.add_cleanup(control._end_without_command)

    def withdraw(self) -> None:
        """Stop guarding: the option `--env` of this run belongs to another plugin."""
        self._unwatch()
        self._give_back()
        del self._config.stash[EXIT_CONTROL]

    def _end_without_command(self) -> None:
        """Give back if pytest ends before its command begins. The command ends with `_returned`."""
        if not self._in_command:
            self._end()

    def _end(self) -> None:
        if not self._is_program:
            self._give_back()

    def _give_back(self) -> None:
        for module in _WITH_EXIT:
            setattr(module, _EXIT, self._exit)

    def _end_at_once(self, status: int) -> None:
        """End the process as `os._exit` does. A child that was forked may end with any status."""
        if self._getpid() == self._pid:
            status = self._enforce(status, "os._exit")
            sys.stderr.flush()
        self._exit(status)

    def _before(self, hook: str, _implementations: Sequence[pluggy.HookImpl], arguments: Mapping[str, Any]) -> None:
        """Judge before any other hook learns that the run ends, so that all hooks get the status of the verdict."""
        if hook == "pytest_cmdline_main":
            self._in_command = True
        elif hook == "pytest_sessionfinish" and self.judged_run is not None:
            self._session = arguments["session"]
            try:
                self.judged_run.judge(self._session)
            except BaseException:
                self.judged_run.end(self._session)
                raise
            dict.update(arguments, exitstatus=self._session.exitstatus)  # pluggy gives its own dict

    def _after(
        self,
        outcome: pluggy.Result[Any],
        hook: str,
        _implementations: Sequence[pluggy.HookImpl],
        _arguments: Mapping[str, Any],
    ) -> None:
        """Set the exit status after all other hooks that end the run."""
        if hook == "pytest_sessionfinish" and self._session is not None and self.judged_run is not None:
            self._finished(self._session, self.judged_run, outcome)
        elif hook == "pytest_unconfigure" and outcome.exception is not None:
            status = _status_of(outcome.exception)
            if status % _STATUSES:
                self._enforce(status, hook)
            else:
                outcome.force_result([])  # that of the session stands
        elif hook == "pytest_cmdline_main":
            self._returned(outcome)

    def _finished(self, session: pytest.Session, run: JudgedRun, outcome: pluggy.Result[Any]) -> None:
        problem = outcome.exception
        if isinstance(problem, SystemExit | pytest.exit.Exception):
            session.exitstatus = _status_of(problem)
            sys.stderr.write(f"{type(problem).__name__}: {problem}\n")
            outcome.force_result([])
        ended = refuse_no_status(session) if problem is None else _status_of(problem)
        if ended % _STATUSES:
            self._enforce(ended, "pytest_sessionfinish")
        run.end(session)
        session.exitstatus = self._enforce(refuse_no_status(session), "pytest_sessionfinish")

    def _returned(self, outcome: pluggy.Result[Any]) -> None:
        """Set the status that pytest returns, after the cleanups that it would call without a hook around them."""
        cleaned = pluggy.Result.from_call(self._config._ensure_unconfigure)  # noqa: SLF001 # pytest calls it next
        if cleaned.exception is not None:
            outcome.force_exception(cleaned.exception)
        problem = outcome.exception
        status = _status_from(outcome.get_result()) if problem is None else _status_of(problem)
        enforced = self._enforce(status, "pytest_cmdline_main")
        if problem is None or isinstance(problem, SystemExit) or enforced != status:
            outcome.force_result(enforced)
        self._end()

    def _enforce(self, status: int, where: str) -> int:
        """Make status and verdict agree if `where` ends the process with this status; returns the status to end with.

        A status other than 0 turns a verdict of GO into NO-GO. A status of 0 without GO becomes 1, and a line on the
        standard error says so.
        """
        if status % _STATUSES:
            if self.judged_run is not None:
                self.judged_run.contradict(
                    f"the run ended with status {int(status)}, in {where} of a plugin or conftest.py"
                )
            return status
        if self._may_end_with_0:
            return 0
        added = [f"--{name}" for name in _INFORMATION_OPTIONS if getattr(self._config.option, name, False)]
        why = f" ({', '.join(added)} was not typed: an ini file or PYTEST_ADDOPTS adds it)" if added else ""
        ended = f"{where} ended the run with status 0 although there is no verdict GO"
        sys.stderr.write(f"examday: {ended}{why}; the status is set to 1\n")
        return int(pytest.ExitCode.TESTS_FAILED)

    @property
    def _may_end_with_0(self) -> bool:
        if hasattr(self._config, "workerinput"):
            return True  # nobody reads the status of a worker
        typed = self._config.stash.get(TYPED, None)
        if self._session is None and any(getattr(typed, name, False) for name in _INFORMATION_OPTIONS):
            return True
        return self.judged_run is not None and self.judged_run.may_end_with_0


def refuse_no_status(session: pytest.Session) -> int:
    """The session's exit status. If a plugin has set it to something that is no whole number, it becomes 1, and a line
    on the standard error says so."""
    found: object = session.exitstatus
    if not isinstance(found, int):
        set_to = f"a plugin or conftest.py has set session.exitstatus to {found!r}, which is no exit status"
        sys.stderr.write(f"examday: {set_to}; the status is set to 1\n")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return int(session.exitstatus)


def _status_of(problem: BaseException) -> int:
    """The status with which a process ends by this exception."""
    if isinstance(problem, SystemExit):
        return _status_from(problem.code)
    if isinstance(problem, pytest.exit.Exception):
        return int(pytest.ExitCode.INTERRUPTED if problem.returncode is None else problem.returncode)
    return 1


def _status_from(value: object) -> int:
    """The status with which a process ends by `sys.exit(value)`."""
    return 0 if value is None else int(value) if isinstance(value, int) else 1


def _pytest_is_the_program() -> bool:
    """Whether this run of pytest is the command of the process, and not a call of `pytest.main` within a program that
    continues."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 # the only way to the callers
    while frame is not None and frame.f_code.co_name != "_prepareconfig":
        frame = frame.f_back
    while frame is not None and frame.f_globals.get("__name__") == _CONFIG:
        if frame.f_code.co_name in _COMMANDS:
            return True
        frame = frame.f_back
    return False
