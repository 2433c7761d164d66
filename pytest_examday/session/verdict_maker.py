"""Makes the verdict of a run from the outcomes of its tests and the stored evidence."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.core.gate import GateResult
from pytest_examday.core.line import LineResult, words_with_limits
from pytest_examday.core.measured import Measured
from pytest_examday.core.outcome import worst_result
from pytest_examday.core.verdict import Candidates, JudgedAgain, LineRecord, Verdict, decide
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.lone_surrogates import without_lone_surrogates
from pytest_examday.monotonic_clock import now_utc
from pytest_examday.record import Record
from pytest_examday.run.identity import RUN_FILE, identity_of
from pytest_examday.run.manifest import checksums_of, evidence_files, listed_checksums
from pytest_examday.runtimes.embedded_runtime import EMBEDDED
from pytest_examday.safety.owner import user
from pytest_examday.session.actors import actors_of
from pytest_examday.session.collecting import gates_asked_for
from pytest_examday.session.earlier_run import EXPECTED
from pytest_examday.session.expected_gates import Expected, expected_of, expected_of_earlier
from pytest_examday.session.gates_not_collected import gates_not_collected
from pytest_examday.session.not_judged_again import gates_not_judged_again, lines_not_judged_again
from pytest_examday.session.outcomes import Outcomes, made_worse_by, without_report
from pytest_examday.session.rehearsal import REHEARSAL
from pytest_examday.session.typed_options import typed_mark_expression
from pytest_examday.session.users_gates import users_gates
from pytest_examday.session.why_not_run import why_not_run

_PACKAGES = ("pytest-examday", "pytest", "pytest-xdist", "pytest-html", "httpx", "httptools", "psycopg", "redis")

_Results = Mapping[str, tuple[LineResult, ...]]
"""The name of each suite, and the results of its lines."""


class VerdictMaker:
    """Collects what a verdict is made of, and makes it.

    `asked` are the names of the suites whose gates the run was asked for. `died` maps each xdist worker that has died
    to the node id of the test in which it died, or to None if it died outside of a test.
    """

    def __init__(self, config: pytest.Config, outcomes: Outcomes, includes_all_lines: bool) -> None:
        self._config = config
        self._outcomes = outcomes
        self._rehearsal = config.stash[REHEARSAL]
        earlier = self._rehearsal.earlier_run
        self._earlier = None if earlier is None else expected_of_earlier(earlier)
        self._judged_again = None if earlier is None else _judged_again(earlier)
        self._started = now_utc()
        self.asked = self._suites_asked(includes_all_lines)
        self._uncollected: list[str] = []
        self._skipped: dict[str, str] = {}
        self.died: dict[str, str | None] = {}

    def _suites_asked(self, includes_all_lines: bool) -> tuple[str, ...]:
        """The suites whose gates this run was asked for."""
        suites = self._rehearsal.suites
        if includes_all_lines and not typed_mark_expression(self._config):
            return tuple(suite.name for suite in suites)
        return gates_asked_for(self._config, suites)

    def note_uncollected(self, nodeid: str) -> None:
        """Note what could not be collected: its tests are unknown, and gates may be among them."""
        if nodeid not in self._uncollected:
            self._uncollected.append(nodeid)

    def note_skipped(self, nodeid: str, reason: str) -> None:
        """Note a file that was skipped as a whole."""
        self._skipped.setdefault(nodeid, reason)

    def verdict(self, session: pytest.Session) -> Verdict:
        """The verdict by the outcomes of the tests and the evidence that is stored."""
        evidence = self._rehearsal.all_evidence()
        rehearsal = self._rehearsal
        environment = rehearsal.environment
        expected = expected_of(rehearsal.directory)
        tested = self._outcomes.results(
            self._expected_gates(),
            expected.tests,
            lambda gate, test: self._why_not_run(gate, test, expected, session),
        )
        tested = made_worse_by(tested, gates_not_collected(self._config, expected, self._skipped))
        tested += self._missing_gates(tested)
        measured = rehearsal.measured(rehearsal.stored_evidence)
        results = rehearsal.stored_results(measured)
        lines = self._lines(self._suites_of(tested), results)
        gates = tuple(self._agreeing_with(gate, lines, results, measured) for gate in tested)
        actors = actors_of(evidence)
        obstacles = tuple(self._obstacles(gates, actors, session))
        source = rehearsal.earlier_run or rehearsal.directory
        sums, unreadable = _sums(source, judges_again=rehearsal.earlier_run is not None)
        obstacles += unreadable
        origin = rehearsal.target.files.store.origin
        preflight = self._preflight(evidence)
        return Verdict(
            verdict=decide(gates, obstacles),
            run="" if origin is None else origin.run,
            environment=environment.name,
            profile=environment.profile.name,
            api_url=getattr(preflight, "api_url", None) or str(environment.api_url or "not reached"),
            embedded=_embedded(preflight, environment),
            conducted_by=without_lone_surrogates(os.environ.get("EXAMDAY_CONDUCTED_BY") or user()),
            started=self._started,
            ended=now_utc(),
            directory=str(rehearsal.directory),
            judged_from=str(source),
            judged_again=self._judged_again,
            judged_sha256=sums,
            gates=gates,
            obstacles=obstacles,
            candidates=actors,
            tests=self._outcomes.other_tests,
            lines=lines,
            suites=tuple(suite.name for suite in rehearsal.suites if suite.name in self._suites_of(gates)),
            left_out=self._left_out(gates),
            not_promised={key: why for suite in rehearsal.suites for key, why in suite.not_promised.items()},
            not_described={key: why for suite in rehearsal.suites for key, why in suite.not_described.items()},
            limits=environment.thresholds,
            weaker_limits=environment.thresholds.weaker,
            unmeasured={name: item.unmeasured for name, item in evidence.items() if item.unmeasured is not None},
            versions={name: version(name) for name in _PACKAGES},
        )

    def _preflight(self, evidence: Mapping[str, Evidence[Record]]) -> Any:
        """The record of the first suite's preflight that reached its system; None if there is none."""
        names = [one.name for one in self._rehearsal.all_activities.values() if one.is_preflight]
        return next((evidence[name].record for name in names if name in evidence and evidence[name].record), None)

    def _obstacles(self, gates: Collection[GateResult], actors: Candidates, session: pytest.Session) -> Iterator[str]:
        """The reasons for NO-GO that are no outcome of a gate."""
        if not gates:
            names = ", ".join(suite.name for suite in self._rehearsal.suites)
            yield f"there is no gate that could pass: suite {names} has none, and no test of yours has the mark gate"
        for nodeid in self._uncollected:
            yield f"{nodeid or 'a part of the tests'} could not be collected, and gates may be among its tests"
        yield from self._deaths()
        yield from self._rehearsal.changes_left()
        if session.exitstatus == pytest.ExitCode.INTERRUPTED and not self._uncollected:
            yield "the run was interrupted before its end"
        elif session.exitstatus != pytest.ExitCode.OK and all(gate.outcome == "pass" for gate in gates):
            yield from self._why_status(session)
        if actors.harmed and self._rehearsal.earlier_run and all(gate.outcome == "pass" for gate in gates):
            first = actors.stories[0] if actors.stories else None
            first_story = "" if first is None else f"; first: {first.actor} {first.story}"
            yield (
                f"by the limits of the run that measured, {actors.harmed} were harmed, and no gate of this run "
                f"failed for that{first_story}; judge with those limits, or rehearse again"
            )

    def _why_status(self, session: pytest.Session) -> Iterator[str]:
        """Why the exit status is not 0 although every gate passed, if no other obstacle says so."""
        if self._uncollected or self.died:
            return
        failed = [test for test in self._outcomes.other_tests if test.outcome in ("failed", "error")]
        if failed:
            yield f"{failed[0].nodeid} failed, which is no gate: {failed[0].message}"
        else:
            yield f"the run ended with status {int(session.exitstatus)}"

    def _deaths(self) -> list[str]:
        """The xdist workers that have died, each as a sentence."""
        return [
            f"worker {worker} died {'outside of a test' if nodeid is None else f'in {nodeid}'}"
            for worker, nodeid in self.died.items()
        ]

    def _why_not_run(self, gate: str, test: str | None, expected: Expected, session: pytest.Session) -> str:
        """Why a test of a gate left no report."""
        if self.died and test not in expected.deselected:
            return f"its test did not run: {self._deaths()[-1]}"
        return why_not_run(gate, test, expected, self._config, session)

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
        always = {line.key for line in suite.lines if line.when_unmeasured == "blocks"}
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
            without_report(
                suite.full_name(gate), words_with_limits(gate.words, limits), hard=gate.hard, suite=suite.name
            )
            for suite in self._rehearsal.suites
            if suite.name in self.asked or not self.asked
            for gate in suite.gates
        ]
        users = users_gates(self._rehearsal.directory)
        return of_suites + [without_report(name) for name in users]

    def _lines(self, judged: Collection[str], results: _Results) -> tuple[LineRecord, ...]:
        """The records of the lines of the run, from their results by the stored evidence: the lines of the suites
        that were `judged`, and lines whose tests were run.

        A line that passes by the stored evidence, and whose test did not pass, is inconclusive: the evidence was
        changed in between.
        """
        test_of_line = {test.line: test for test in self._outcomes.other_tests if test.line is not None}
        records = {
            f"{suite}:{result.line.key}": LineRecord.of(suite, result)
            for suite, of_suite in results.items()
            for result in of_suite
        }
        return tuple(
            record.agreeing_with(test_of_line.get(name))
            for name, record in records.items()
            if record.suite in judged or name in test_of_line
        )

    def lines_without_verdict(self) -> tuple[LineRecord, ...]:
        """The records of the lines whose tests were run, if no verdict is asked for."""
        rehearsal = self._rehearsal
        return self._lines((), rehearsal.stored_results(rehearsal.measured(rehearsal.stored_evidence)))

    def _suites_of(self, gates: tuple[GateResult, ...]) -> set[str]:
        return {gate.suite for gate in gates if gate.suite is not None}

    def _left_out(self, gates: tuple[GateResult, ...]) -> dict[str, str]:
        judged = self._suites_of(gates)
        deselected = {
            suite.name: f"its gates were not asked for by -m {self._config.option.markexpr!r}"
            if suite.gates
            else "it has no gates"
            for suite in self._rehearsal.suites
            if suite.name not in judged
        }
        return {**self._rehearsal.left_out, **deselected}

    def _missing_gates(self, judged: Iterable[GateResult]) -> tuple[GateResult, ...]:
        """The gates of the earlier run, if one is judged again, that this run does not have."""
        if self._earlier is None:
            return ()
        return gates_not_judged_again(self._earlier, self._rehearsal, [gate.name for gate in judged])


def _embedded(preflight: Any, environment: Environment) -> bool:
    """Whether the platform that was reached, or was to be reached, is the embedded one."""
    runtime = getattr(preflight, "runtime", None)
    return isinstance(environment.runtime, EmbeddedSettings) if runtime is None else bool(runtime == EMBEDDED)


def _judged_again(earlier: Path) -> JudgedAgain:
    identity = identity_of(earlier)
    return JudgedAgain(run=identity.run, began=identity.began)


def _sums(source: Path, *, judges_again: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """The SHA-256 of the files of a run directory from which a verdict is made; and the reasons why no verdict can be
    made from them. If the run `judges_again`, the files must still be those that the manifest of the earlier run
    lists."""
    names = (name for name in (RUN_FILE, EXPECTED) if (source / name).exists())
    try:
        sums = checksums_of(source, (*names, *evidence_files(source)))
        listed = listed_checksums(source) if judges_again else sums
    except (OSError, ValidationError) as problem:
        return {}, (f"what was judged cannot be read: {str(problem).splitlines()[0]}",)
    changed = (name for name, sha256 in sums.items() if sha256 != listed.get(name))
    return sums, tuple(f"{name} was changed while it was judged" for name in changed)
