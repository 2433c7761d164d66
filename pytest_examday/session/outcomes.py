"""Collects the outcomes of all tests in the controller; a gate passes only if setup, call and teardown of each of its
tests were reported, and nothing was raised in them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.core.outcome import Outcome, worst_result
from pytest_examday.core.property_names import BODY_ENDED, GATE, LINE, NOTED, PHASE, RESULT, TITLE
from pytest_examday.core.verdict import OutcomeOfTest, TestOutcome

USAGE = "examday_usage"
"""The attribute of a worker's collection report that holds a mistake of the user's; it ends the run."""
_STAGES = frozenset({"setup", "call", "teardown"})


@dataclass
class _ReportsOfGate:
    """What the reports of one gate's tests have said so far."""

    stages: dict[str, set[str]] = field(default_factory=dict)
    """Node id -> the stages of this test that were reported."""
    results: list[GateResult] = field(default_factory=list)
    """The results of judged lines, and those that pytest's reports say."""
    noted: list[GateResult] = field(default_factory=list)
    """The results of the property NOTED."""
    ended: set[str] = field(default_factory=set)
    """The node ids of the tests that were judged, or whose body ended without an exception."""


class Outcomes:
    """Collects reports. A failure counts even if a retry of the same test passes."""

    def __init__(self) -> None:
        self._gates: dict[str, _ReportsOfGate] = {}
        self._other_tests: dict[str, OutcomeOfTest] = {}

    def note(self, report: pytest.TestReport) -> None:
        """Note one report: one stage of one test."""
        properties = dict(report.user_properties)
        gate = properties.get(GATE)
        if gate is not None:
            self._note_gate(str(gate), report, properties)
        else:
            self._note_other_test(report, properties)

    def _note_gate(self, name: str, report: pytest.TestReport, properties: Mapping[str, object]) -> None:
        reports = self._gates.setdefault(name, _ReportsOfGate())
        stages = reports.stages.setdefault(report.nodeid, set())
        if report.when is not None:
            stages.add(report.when)
        notes = (str(value) for key, value in report.user_properties if key == NOTED)
        reports.noted += [GateResult.model_validate_json(note) for note in notes]
        if BODY_ENDED in properties or RESULT in properties:
            reports.ended.add(report.nodeid)
        judged = properties.get(RESULT)
        result = GateResult.model_validate_json(str(judged)) if judged is not None and report.when == "call" else None
        of_report = _from_report(name, report, result)
        reports.results += [one for one in (result, of_report) if one is not None]

    def _note_other_test(self, report: pytest.TestReport, properties: dict[str, object]) -> None:
        if report.when == "call" or not report.passed:
            before = self._other_tests.get(report.nodeid)
            if before is not None and before.outcome in ("failed", "error"):
                return
            self._other_tests[report.nodeid] = OutcomeOfTest(
                nodeid=report.nodeid,
                title=str(properties.get(TITLE, report.nodeid)),
                phase=int(str(properties[PHASE])) if PHASE in properties else None,
                outcome=_outcome(report),
                message=message_of(report),
                line=str(properties[LINE]) if LINE in properties else None,
            )

    @property
    def gates_seen(self) -> bool:
        """Whether a report of any gate has come in."""
        return bool(self._gates)

    @property
    def other_tests(self) -> tuple[OutcomeOfTest, ...]:
        """Every test that is not a gate."""
        return tuple(self._other_tests.values())

    def results(
        self,
        expected: Iterable[GateResult],
        tests: Mapping[str, Iterable[str]],
        missing: Callable[[str, str | None], str],
    ) -> tuple[GateResult, ...]:
        """The results of the expected gates, then those of other gates of which a report has come.

        `expected` has one entry for each expected gate. `tests` maps the name of a gate to the node ids of its tests. A
        gate is inconclusive if setup, call or teardown of one of its tests was not reported. If nothing of a test was
        reported, the reason is `missing(name of the gate, node id of the test)`; the node id is None if no test of the
        gate is known.
        """
        by_name = {gate.name: gate for gate in expected}
        by_name |= {name: without_report(name) for name in self._gates if name not in by_name}
        return tuple(self._result(gate, tests.get(gate.name, ()), missing) for gate in by_name.values())

    def _result(self, gate: GateResult, tests: Iterable[str], missing: Callable[[str, str | None], str]) -> GateResult:
        reports = self._gates.get(gate.name, _ReportsOfGate())
        results = list(reports.results)
        for test in dict.fromkeys((*tests, *reports.stages)) or (None,):
            stages = reports.stages.get(test, set()) if test is not None else set()
            if not stages >= _STAGES:
                reason = missing(gate.name, test) if not stages else "its test did not run through"
                results.append(GateResult(name=gate.name, outcome="inconclusive", reason=reason))
        worst = worst_result(results)
        if worst.outcome == "pass":
            worst = worst_result((worst, *reports.noted, *self._without_body(gate.name, reports)))
        described = {"title": gate.title, "hard": gate.hard, "suite": gate.suite}
        return worst.model_copy(update=described)

    @staticmethod
    def _without_body(gate: str, reports: _ReportsOfGate) -> Iterator[GateResult]:
        for test in reports.stages.keys() - reports.ended:
            reason = f"{test} was reported as passed, and its body was not run to its end"
            yield GateResult(name=gate, outcome="inconclusive", reason=reason)


def without_report(name: str, title: str = "", *, hard: bool = False, suite: str | None = None) -> GateResult:
    """A gate of which no report has come in yet. Without `title` and `suite` it is a gate of the user."""
    return GateResult(name=name, outcome="inconclusive", reason="", title=title or name, hard=hard, suite=suite)


def made_worse_by(gates: Iterable[GateResult], found: Iterable[GateResult]) -> tuple[GateResult, ...]:
    """The gates, each as bad as the worst of its result and of its results in `found`. Gates that only `found` has come
    last."""
    by_name = {gate.name: gate for gate in gates}
    for other in found:
        gate = by_name.setdefault(other.name, other)
        worst = worst_result((gate, other))
        by_name[other.name] = gate.model_copy(update={"outcome": worst.outcome, "reason": worst.reason})
    return tuple(gate if gate.title else gate.model_copy(update={"title": name}) for name, gate in by_name.items())


def _from_report(name: str, report: pytest.TestReport, judged: GateResult | None) -> GateResult | None:
    """The result of a gate by pytest's report alone, for tests that leave no result of their own."""
    if hasattr(report, "wasxfail"):
        return GateResult(name=name, outcome="inconclusive", reason=f"expected to fail (xfail): {report.wasxfail}")
    if report.outcome not in ("passed", "failed"):
        return GateResult(name=name, outcome="inconclusive", reason=f"{report.outcome}: {message_of(report)}")
    if report.failed and report.when != "call":
        return GateResult(name=name, outcome="inconclusive", reason=f"error at {report.when}: {message_of(report)}")
    if report.failed and (judged is None or judged.outcome == "pass"):
        outcome: Outcome = "fail" if judged is None else "inconclusive"
        return GateResult(name=name, outcome=outcome, reason=message_of(report))
    if report.passed and report.when == "call" and judged is None:
        return GateResult(name=name, outcome="pass", reason="its test passed")
    return None


def _outcome(report: pytest.TestReport) -> TestOutcome:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    return "passed" if report.passed else "skipped"


def message_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The first line of the failure, without the exception's name if that adds nothing."""
    if report.passed:
        return ""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else _plain(report.longrepr)
    lines = text.strip().splitlines() or ["no message"]
    return str(lines[0].removeprefix("Failed: "))


def _plain(longrepr: object) -> str:
    if isinstance(longrepr, tuple):  # a skip: file, line, reason
        return str(longrepr[-1])
    return str(longrepr)


def properties(gate: str | None, phase: int | None, title: str) -> list[tuple[str, object]]:
    """The first properties of a test's reports; the controller reads them, also in those of an xdist worker."""
    named: list[tuple[str, object]] = [(TITLE, title)]
    if gate is not None:
        named.append((GATE, gate))
    if phase is not None:
        named.append((PHASE, phase))
    return named
