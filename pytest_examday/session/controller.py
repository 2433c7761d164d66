"""The controller: the process that shows progress, makes the verdict, writes the report, and stops what the run
started."""

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, TextIO

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import PlatformRuntime
from pytest_examday.core.gate import GateResult
from pytest_examday.core.line import LineResult, in_words
from pytest_examday.core.measured import Measured
from pytest_examday.core.outcome import worst_result
from pytest_examday.core.verdict import LineRecord, Verdict, decide
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.guards.lock import Lock
from pytest_examday.guards.owner import user
from pytest_examday.record import Record
from pytest_examday.report.board import write_board, write_nothing_run
from pytest_examday.report.html import banner
from pytest_examday.report.not_rehearsed import gaps, gaps_in_short
from pytest_examday.report.verdict_words import actor_word
from pytest_examday.report.view import View
from pytest_examday.report.write import (
    finish_html,
    open_in_browser,
    write_manifest,
    write_markdown,
    write_verdict,
)
from pytest_examday.run.progress import LiveProgress, Screen
from pytest_examday.runtimes.embedded_platform import EMBEDDED
from pytest_examday.runtimes.embedded_process import stop_embedded
from pytest_examday.session.actors import actors_of
from pytest_examday.session.collecting import gates_asked_for
from pytest_examday.session.expected import (
    expected_of,
    gates_not_judged_again,
    lines_not_judged_again,
    why_not_run,
)
from pytest_examday.session.outcomes import USAGE, Outcomes, undecided
from pytest_examday.session.rehearsal import REHEARSAL
from pytest_examday.session.selection import users_gates

_PACKAGES = ("pytest-examday", "pytest", "pytest-xdist", "pytest-html", "httpx", "httptools", "psycopg", "redis")

_Results = Mapping[str, tuple[LineResult, ...]]
"""The name of each suite, and the results of its lines."""

CONTROLLER: "pytest.StashKey[Controller]" = pytest.StashKey()
"""The key under which `config.stash` holds the controller."""


class Controller:
    """One run from its beginning to its end."""

    def __init__(self, config: pytest.Config, whole: bool, lock: Lock | None) -> None:
        self._config = config
        self._lock = lock
        self._rehearsal = config.stash[REHEARSAL]
        self._target = self._rehearsal.target
        earlier = self._rehearsal.earlier_run
        self._earlier = None if earlier is None else expected_of(earlier)
        self._started = datetime.now(UTC)
        self._asked = self._suites_asked(whole)
        self._progress: LiveProgress | None = None
        self._screen_stream: TextIO | None = None
        self._stopped = False
        self._uncollected: list[str] = []
        self.outcomes = Outcomes()
        self.verdict: Verdict | None = None
        self._html_is_ours = _default_html(config, str(self._rehearsal.directory / "report.html"))

    @property
    def _only_collects(self) -> bool:
        return bool(self._config.option.collectonly)

    def _suites_asked(self, whole: bool) -> tuple[str, ...]:
        """The suites whose gates this run was asked for."""
        suites = self._rehearsal.suites
        if whole and not self._config.option.markexpr:
            return tuple(suite.name for suite in suites)
        return gates_asked_for(self._config, suites)

    def for_workers(self) -> dict[str, str]:
        """The values that an xdist worker needs to join the run."""
        return {"directory": str(self._rehearsal.directory), "pid": str(os.getpid())}

    def header(self) -> list[str]:
        """The lines of pytest's header: environment, profile, permissions, and the run directory where there is one."""
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
        """Begin to show progress at the terminal; its file descriptor is copied before pytest captures output."""
        descriptor = os.dup(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        stream = self._screen_stream = os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")
        writer = self._config.get_terminal_writer()
        screen = Screen(stream, lambda: writer.width_of_current_line)
        self._progress = LiveProgress(self._target.run.progress.path, screen)
        self._progress.start()

    def note(self, report: pytest.TestReport) -> None:
        """Note the outcome of a test. Progress that came before it is shown first."""
        if self._progress is not None:
            self._progress.show()
        self.outcomes.note(report)

    def note_collected(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected: its tests are unknown, and gates may be among them.

        Raises pytest.UsageError where a worker found a mistake of the user's.
        """
        if (mistake := getattr(report, USAGE, None)) is not None:
            raise pytest.UsageError(mistake)
        if report.failed and report.nodeid not in self._uncollected:
            self._uncollected.append(report.nodeid)

    def judge(self, session: pytest.Session) -> None:
        """Make the verdict where gates were asked for. Where it is NO-GO, the run's exit status is not 0."""
        self._end_progress()
        if self._asked or self.outcomes.gates_seen:
            self.verdict = self._decide(session)
        self._set_exit_status(session)

    def _end_progress(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        if self._screen_stream is not None:
            self._screen_stream.close()
        self._progress = self._screen_stream = None

    def _set_exit_status(self, session: pytest.Session) -> None:
        if self.verdict is not None and self.verdict.verdict == "NO-GO" and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def end(self, session: pytest.Session) -> None:
        """Stop the platform, write the artifacts, and set the exit status again, in case another plugin has changed
        it."""
        self.stop()
        if not self._only_collects:
            self._write()
        self._set_exit_status(session)
        if self._config.option.examday_open:
            open_in_browser(self._rehearsal.directory / "report.html")

    def _write(self) -> None:
        if self.verdict is not None:
            write_verdict(self._target, self.verdict)
        write_markdown(self._target, self.views())
        if self._html_is_ours:
            finish_html(self._target)
        write_manifest(self._target)

    def stop(self) -> None:
        """Stop what this run started, and release the platform's lock."""
        if self._stopped:
            return
        self._stopped = True
        self._end_progress()
        runtime = self._rehearsal.environment.runtime
        if isinstance(runtime, PlatformRuntime) and runtime.state is None:
            stop_embedded(self._rehearsal.directory / ".platform", self._rehearsal.directory / "logs")
        if self._lock is not None:
            self._lock.release()

    def show_board(self, terminal: pytest.TerminalReporter) -> None:
        """Write the GO/NO-GO board to the terminal; where tests are only collected, write that nothing was run."""
        if self._only_collects:
            write_nothing_run(terminal, gates_asked_for=self.verdict is not None)
            return
        unrehearsed = gaps_in_short(gaps(self.views()))
        write_board(terminal, self.verdict, self._rehearsal.directory, actor_word(self._rehearsal.suites), unrehearsed)

    def report_title(self) -> str:
        """The title of the HTML report."""
        titles = ", ".join(suite.title for suite in self._rehearsal.suites)
        return f"{titles}: {self._rehearsal.environment.name}"

    def phases(self) -> dict[int, str]:
        """The titles of the phases by number; where suites differ, that of the first suite."""
        return {number: title for suite in reversed(self._rehearsal.suites) for number, title in suite.phases.items()}

    def views(self) -> tuple[View, ...]:
        """The data from which the report is written, one view for each suite."""
        evidence = self.evidence()
        lines = self._lines_without_verdict() if self.verdict is None else self.verdict.lines
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
        return self._target.run.redactor.clean(banner(self.verdict, self.views()))

    def evidence(self) -> dict[str, Evidence[Record]]:
        """All evidence of the run, by activity."""
        store = self._rehearsal.store
        return {a.name: store.read(a.name, a.kind) for a in self._rehearsal.known.values() if store.has(a.name)}

    def _decide(self, session: pytest.Session) -> Verdict:
        evidence = self.evidence()
        rehearsal = self._rehearsal
        environment = rehearsal.environment
        expected = expected_of(rehearsal.directory)
        tested = self.outcomes.results(
            self._expected_gates(), lambda gate: why_not_run(gate, expected, self._config, session)
        )
        tested += self._missing_gates(tested)
        measured = rehearsal.measured(rehearsal.stored_evidence)
        results = rehearsal.stored_results(measured)
        lines = self._lines(self._suites_of(tested), results)
        gates = tuple(self._agreeing_with(gate, lines, results, measured) for gate in tested)
        obstacles = tuple(self._obstacles(gates))
        preflight: Any = evidence["preflight"].record if "preflight" in evidence else None
        return Verdict(
            verdict=decide(gates, obstacles),
            environment=environment.name,
            measured_environment=_elsewhere(evidence, environment.name),
            profile=environment.profile.name,
            api_url=preflight.api_url if preflight else str(environment.api_url or "not reached"),
            embedded=_embedded(preflight, environment),
            conducted_by=os.environ.get("EXAMDAY_CONDUCTED_BY") or user(),
            started=self._started,
            ended=datetime.now(UTC),
            directory=str(rehearsal.directory),
            judged_from=str(rehearsal.earlier_run or rehearsal.directory),
            gates=gates,
            obstacles=obstacles,
            candidates=actors_of(evidence),
            checks=self.outcomes.checks,
            lines=lines,
            suites=tuple(suite.name for suite in rehearsal.suites if suite.name in self._suites_of(gates)),
            left_out=self._left_out(gates),
            not_promised={key: why for suite in rehearsal.suites for key, why in suite.excused.items()},
            limits=environment.thresholds,
            weaker_limits=environment.thresholds.weaker,
            unmeasured={name: item.unmeasured for name, item in evidence.items() if item.unmeasured is not None},
            versions={name: version(name) for name in _PACKAGES},
        )

    def _obstacles(self, gates: Collection[GateResult]) -> Iterator[str]:
        """The reasons for NO-GO that are no outcome of a gate."""
        if not gates:
            names = ", ".join(suite.name for suite in self._rehearsal.suites)
            yield f"there is no gate that could pass: suite {names} has none, and no test of yours has the mark gate"
        for nodeid in self._uncollected:
            yield f"{nodeid or 'a part of the tests'} could not be collected, and gates may be among its tests"

    def _agreeing_with(
        self, tested: GateResult, lines: Iterable[LineRecord], results: _Results, measured: Measured
    ) -> GateResult:
        """The result of a gate, as bad as its lines are at the end of the run.

        The gate's test judged earlier. Evidence may have been changed since, or the test of a line may not have passed.
        """
        suite = next((suite for suite in self._rehearsal.suites if suite.name == tested.suite), None)
        if suite is None or tested.name not in suite.gate_by_name:
            return tested
        gate = suite.gate_by_name[tested.name]
        stored = suite.gate_result(gate, results[suite.name], measured)
        always = {line.key for line in suite.lines if line.counts == "always"}
        open_lines = [
            f"{line.words}: {line.reason}"
            for line in lines
            if line.suite == suite.name and gate.name in line.gates and line.key in always and line.outcome != "pass"
        ]
        if self._earlier is not None:
            missing = lines_not_judged_again(self._earlier, self._rehearsal)
            open_lines += [missing[tested.name]] if tested.name in missing else []
        judged = [tested, stored]
        if open_lines:
            judged.append(stored.model_copy(update={"outcome": "inconclusive", "reason": "; ".join(open_lines)}))
        return worst_result(judged)

    def _expected_gates(self) -> list[GateResult]:
        """The gates of the suites that were asked for, then the user's gates; their outcomes are not yet known."""
        limits = self._rehearsal.environment.thresholds
        of_suites = [
            undecided(suite.full_name(gate), in_words(gate.words, limits), hard=gate.hard, suite=suite.name)
            for suite in self._rehearsal.suites
            if suite.name in self._asked or not self._asked
            for gate in suite.gates
        ]
        users = users_gates(self._rehearsal.directory)
        return of_suites + [undecided(name) for name in users]

    def _lines(self, judged: Collection[str], results: _Results) -> tuple[LineRecord, ...]:
        """The records of the lines of the run, from their results by the stored evidence: the lines of the suites
        that were `judged`, and lines whose tests were run.

        A line's test may have seen a worse outcome, because the evidence was changed in between; then that outcome
        counts.
        """
        seen = {check.line: check for check in self.outcomes.checks if check.line is not None}
        records = {
            f"{suite}:{result.line.key}": LineRecord.of(suite, result)
            for suite, of_suite in results.items()
            for result in of_suite
        }
        return tuple(
            record.agreeing_with(seen.get(name))
            for name, record in records.items()
            if record.suite in judged or name in seen
        )

    def _lines_without_verdict(self) -> tuple[LineRecord, ...]:
        rehearsal = self._rehearsal
        return self._lines((), rehearsal.stored_results(rehearsal.measured(rehearsal.stored_evidence)))

    def _suites_of(self, gates: tuple[GateResult, ...]) -> set[str]:
        return {gate.suite for gate in gates if gate.suite is not None}

    def _left_out(self, gates: tuple[GateResult, ...]) -> dict[str, str]:
        judged = self._suites_of(gates)
        deselected = {
            suite.name: f"its gates were not asked for by -m {self._config.option.markexpr!r}"
            for suite in self._rehearsal.suites
            if suite.name not in judged
        }
        return {**self._rehearsal.left_out, **deselected}

    def _missing_gates(self, judged: Iterable[GateResult]) -> tuple[GateResult, ...]:
        """The gates of the earlier run, where one is judged again, that this run does not have."""
        if self._earlier is None:
            return ()
        return gates_not_judged_again(self._earlier, self._rehearsal, [gate.name for gate in judged])


def _default_html(config: pytest.Config, path: str) -> bool:
    """Tell pytest-html to write the report into the run directory, unless the user has named another place."""
    if getattr(config.option, "htmlpath", "none of ours") or config.option.collectonly:
        return False  # the user's own place, or no pytest-html at all
    config.option.htmlpath = path
    config.option.self_contained_html = True
    return True


def _embedded(preflight: Any, environment: Environment) -> bool:
    """Whether the platform that was reached is the embedded one; where none was reached, the one that was meant."""
    if preflight is None:
        return isinstance(environment.runtime, PlatformRuntime)
    return bool(preflight.runtime == EMBEDDED)


def _elsewhere(evidence: dict[str, Evidence[Record]], environment: str) -> str | None:
    """The names of other environments on which the evidence was measured; None where there are none."""
    names = {item.environment for item in evidence.values()} - {None, environment}
    return ", ".join(sorted(filter(None, names))) or None
