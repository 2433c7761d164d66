"""The controller: the process that shows progress, has the verdict made, writes the report, and stops what the run
started."""

import os
import sys
from contextlib import suppress
from typing import TextIO

import pytest

from pytest_examday.core.property_names import LINE
from pytest_examday.core.verdict import Verdict
from pytest_examday.monotonic_clock import offset
from pytest_examday.report.board import write_board, write_nothing_run
from pytest_examday.report.html import banner
from pytest_examday.report.inconclusive_tests import write_inconclusive_tests
from pytest_examday.report.not_rehearsed import gaps, gaps_in_short
from pytest_examday.report.view import View
from pytest_examday.report.write import (
    finish_html,
    open_in_browser,
    write_markdown,
    write_verdict,
)
from pytest_examday.run.manifest import write_manifest
from pytest_examday.run.progress import LiveProgress, Screen
from pytest_examday.run.reserved_room import release_room
from pytest_examday.run.terminal_text import clean_stream
from pytest_examday.runtimes.start_embedded import stop_embedded
from pytest_examday.safety.lock import Lock
from pytest_examday.session.clean_report import clean_files
from pytest_examday.session.exit_status import refuse_no_status
from pytest_examday.session.expected_gates import write_expected
from pytest_examday.session.items import ROOT
from pytest_examday.session.outcomes import USAGE, Outcomes, message_of
from pytest_examday.session.rehearsal import REHEARSAL
from pytest_examday.session.termination import Termination
from pytest_examday.session.verdict_maker import VerdictMaker

CONTROLLER: "pytest.StashKey[Controller]" = pytest.StashKey()
"""The key under which `config.stash` holds the controller."""


class Controller:
    """One run from its beginning to its end."""

    def __init__(self, config: pytest.Config, includes_all_lines: bool, lock: Lock | None) -> None:
        self._config = config
        self._includes_all_lines = includes_all_lines
        self._lock = lock
        self._rehearsal = config.stash[REHEARSAL]
        self._target = self._rehearsal.target
        self._progress: LiveProgress | None = None
        self._screen_stream: TextIO | None = None
        self._stopped = False
        self._reported = False
        self._shown = False
        self._session: pytest.Session | None = None
        self._changes_left: tuple[str, ...] = ()
        self._termination = Termination()
        self.outcomes = Outcomes()
        self._verdict_maker = VerdictMaker(config, self.outcomes, includes_all_lines)
        self.verdict: Verdict | None = None
        self._html_is_ours = _default_html(config, str(self._rehearsal.directory / "report.html"))

    @property
    def _only_collects(self) -> bool:
        return bool(self._config.option.collectonly)

    def for_workers(self) -> dict[str, object]:
        """The values that an xdist worker needs to join the run."""
        return {
            "directory": str(self._rehearsal.directory),
            "pid": str(os.getpid()),
            "clock": repr(offset()),
            "includes_all_lines": self._includes_all_lines,
        }

    def header(self) -> list[str]:
        """The lines of pytest's header: environment, profile, permissions, and the run directory if there is one."""
        environment = self._rehearsal.environment
        lock = [f"examday: {self._lock.note}"] if self._lock is not None and self._lock.note else []
        directory = [] if self._only_collects else [f"examday: run directory {self._rehearsal.directory}"]
        return [
            f"examday: environment {environment.name}, profile {environment.profile.name}, "
            f"allowed: {', '.join(environment.allow)}",
            *directory,
            *lock,
        ]

    def begin(self) -> None:
        """Take the signals that end a run, and begin to show progress at the terminal; its file descriptor is copied
        before pytest captures output."""
        self._termination.begin()
        if not self._config.pluginmanager.hasplugin("terminalreporter"):  # `-p no:terminal`
            return
        descriptor = os.dup(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        stream = self._screen_stream = os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")
        writer = self._config.get_terminal_writer()
        screen = Screen(clean_stream(stream, self._target.files.redactor.clean), lambda: writer.width_of_current_line)
        self._progress = LiveProgress(self._target.files.progress.path, screen)
        self._progress.start()

    def note(self, report: pytest.TestReport) -> None:
        """Note the outcome of a test. Progress that came before it is shown first."""
        if self._progress is not None:
            self._progress.show()
        self.outcomes.note(report)

    def note_collected(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected: its tests are unknown, and gates may be among them.

        Raises pytest.UsageError if a worker found a mistake of the user's.
        """
        if (mistake := getattr(report, USAGE, None)) is not None:
            raise pytest.UsageError(mistake)
        if report.failed:
            self._verdict_maker.note_uncollected(report.nodeid)
        if report.skipped:
            self._verdict_maker.note_skipped(report.nodeid, message_of(report))

    def note_died(self, worker: str) -> None:
        """Note that a worker has died."""
        self._verdict_maker.died.setdefault(worker, None)

    def note_died_in(self, worker: str, nodeid: str, report: pytest.TestReport) -> None:
        """Note the test in which a worker has died; if it is that of a line, its report names the line."""
        self._verdict_maker.died[worker] = nodeid
        report.user_properties += [
            (LINE, f"{suite.name}:{line.key}")
            for suite in self._rehearsal.suites
            for line in suite.lines
            if nodeid == f"{ROOT}::{suite.name}::phase{line.phase}::{line.test}"
        ]

    @property
    def may_end_with_0(self) -> bool:
        """Whether the exit status may be 0: the verdict is GO, or none was asked for."""
        if self.verdict is None:
            return not (self._verdict_maker.asked or self.outcomes.gates_seen or self._changes_left)
        return self.verdict.verdict == "GO"

    def judge(self, session: pytest.Session) -> None:
        """Undo what the run has changed, make the verdict if gates were asked for, and write it before it is
        shown. If it is NO-GO, or if something was not undone, the run's exit status is not 0."""
        self._session = session
        self._termination.judge()
        self._rehearsal.undo_changes()
        self._changes_left = self._rehearsal.changes_left()
        self._end_progress()
        release_room(self._rehearsal.directory)
        if self._verdict_maker.asked or self.outcomes.gates_seen:
            self.verdict = self._verdict_maker.verdict(session)
        if not self._only_collects:
            self._report()
        self._set_exit_status(session)

    def contradict(self, reason: str) -> None:
        """Turn a verdict of GO into NO-GO and write it again, because the run did not end as its verdict says."""
        if self.verdict is None or self.verdict.verdict != "GO":
            return
        self.verdict = self.verdict.with_obstacle(reason)
        self._report()
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        if self._shown and terminal is not None:
            terminal.write_line(f"  VERDICT: NO-GO after all, because {reason}", red=True, bold=True)
            terminal.flush()  # an `os._exit` that follows would lose it
        if self._stopped and not self._only_collects:
            self._write_artifacts()

    def _report(self) -> None:
        """Write the verdict and the report. If one cannot be written, that is an obstacle: nobody could sign it."""
        self._reported = True
        try:
            self._write_verdict()
            write_markdown(self._target, self.views())
        except OSError as problem:
            if self.verdict is not None:
                self.verdict = self.verdict.with_obstacle(f"{problem.filename or 'report.md'}: {problem.strerror}")
                with suppress(OSError):  # the board says why there is none
                    self._write_verdict()

    def _write_verdict(self) -> None:
        if self.verdict is not None:
            write_verdict(self._target, self.verdict)

    def _end_progress(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        if self._screen_stream is not None:
            self._screen_stream.close()
        self._progress = self._screen_stream = None

    def _set_exit_status(self, session: pytest.Session) -> None:
        if self.verdict is not None and self.verdict.verdict == "NO-GO" and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._changes_left and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._termination.exit_status is not None:
            session.exitstatus = self._termination.exit_status

    def end(self, session: pytest.Session) -> None:
        """Show the board if no summary has shown it, stop the platform, write the artifacts, and set the exit status
        again, in case another plugin has changed it."""
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        if not self._shown and self._reported and terminal is not None:
            self.show_board(terminal)
        self.stop()
        if not self._only_collects:
            self._write(session)
        self._set_exit_status(session)
        if self._config.option.examday_open:
            open_in_browser(self._rehearsal.directory / "report.html")

    def _write(self, session: pytest.Session) -> None:
        if not self._reported:  # it could not be judged
            self._report()
        if not self._write_artifacts():
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def _write_artifacts(self) -> bool:
        """Write the files that are made from verdict and report; returns whether all of them could be written."""
        try:
            if self._html_is_ours:
                finish_html(self._target)
            clean_files(self._config, self._target.files.redactor)
            write_expected(self._rehearsal)
            write_manifest(self._target.files.store)
        except OSError as problem:
            terminal = self._config.pluginmanager.getplugin("terminalreporter")
            if terminal is not None:
                terminal.write_line(f"examday: {problem.filename or 'the report'}: {problem.strerror}", red=True)
            return False
        return True

    def stop(self) -> None:
        """Stop what this run started, and release the platform's lock."""
        if self._stopped:
            return
        self._stopped = True
        self._rehearsal.undo_changes()
        self._termination.end()
        self._end_progress()
        stop_embedded(self._rehearsal.directory, self._rehearsal.directory / "logs")
        if self._lock is not None:
            self._lock.release()

    def show_board(self, terminal: pytest.TerminalReporter) -> None:
        """Write the GO/NO-GO board to the terminal; if tests are only collected, write that nothing was run."""
        if self._session is not None and (status := refuse_no_status(self._session)) != pytest.ExitCode.OK:
            self.contradict(f"the run ended with status {status}")
        self._shown = True
        if self._only_collects:
            write_nothing_run(terminal, gates_asked_for=self.verdict is not None)
            return
        write_inconclusive_tests(terminal, self.outcomes.other_tests)
        for left in self._changes_left if self.verdict is None else ():
            terminal.write_line(f"examday: {left}", red=True)
        unrehearsed = gaps_in_short(gaps(self.views()))
        write_board(terminal, self.verdict, self._rehearsal.directory, self._rehearsal.suites, unrehearsed)

    def report_title(self) -> str:
        """The title of the HTML report."""
        titles = ", ".join(suite.title for suite in self._rehearsal.suites)
        return f"{titles}: {self._rehearsal.environment.name}"

    def phases(self) -> dict[int, str]:
        """The titles of the phases by number; if suites differ, that of the first suite."""
        return {number: title for suite in reversed(self._rehearsal.suites) for number, title in suite.phases.items()}

    def views(self) -> tuple[View, ...]:
        """The data from which the report is written, one view for each suite."""
        evidence = self._rehearsal.all_evidence()
        lines = self._verdict_maker.lines_without_verdict() if self.verdict is None else self.verdict.lines
        return tuple(
            View(
                suite=suite,
                verdict=self.verdict,
                evidence=evidence,
                limits=self._rehearsal.environment.thresholds,
                measured_in=self._rehearsal.earlier_run or self._rehearsal.directory,
                lines=tuple(line for line in lines if line.suite == suite.name),
            )
            for suite in self._rehearsal.suites
        )

    def banner(self) -> str:
        """The HTML for the top of the report."""
        return self._target.files.redactor.clean(banner(self.verdict, self.views()))


def _default_html(config: pytest.Config, path: str) -> bool:
    """Tell pytest-html to write the report into the run directory, unless the user has named another place."""
    if getattr(config.option, "htmlpath", "none of ours") or config.option.collectonly:
        return False  # the user's own place, or no pytest-html at all
    config.option.htmlpath = path
    config.option.self_contained_html = True
    return True
