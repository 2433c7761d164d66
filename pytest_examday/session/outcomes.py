"""Collects the outcomes of all tests in the controller; a gate passes only if setup, call and teardown were all
reported."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.core.outcome import Outcome, worst_result
from pytest_examday.core.verdict import OutcomeOfTest

RESULT, LINE = "examday_result", "examday_line"
"""The names of two properties of a test's report: the GateResult of a gate as JSON, and `suite:key` of a line."""
USAGE = "examday_usage"
"""The attribute of a worker's collection report that holds a mistake of the user's; it ends the run."""
_STAGES = frozenset({"setup", "call", "teardown"})


@dataclass
class _Seen:
    """The reports of one gate so far."""

    stages: set[str] = field(default_factory=set)
    results: list[GateResult] = field(default_factory=list)


class Outcomes:
    """Collects reports. A failure counts even where a retry of the same test passes."""

    def __init__(self) -> None:
        self._gates: dict[str, _Seen] = {}
        self._checks: dict[str, OutcomeOfTest] = {}

    def note(self, report: pytest.TestReport) -> None:
        """Note one report: one stage of one test."""
        properties = dict(report.user_properties)
        gate = properties.get("examday_gate")
        if gate is not None:
            self._note_gate(str(gate), report, properties.get(RESULT))
        else:
            self._note_check(report, properties)

    def _note_gate(self, name: str, report: pytest.TestReport, judged: object) -> None:
        seen = self._gates.setdefault(name, _Seen())
        if report.when is not None:
            seen.stages.add(report.when)
        result = GateResult.model_validate_json(str(judged)) if judged is not None and report.when == "call" else None
        seen.results += [made for made in (result, _from_report(name, report, result)) if made is not None]

    def _note_check(self, report: pytest.TestReport, properties: dict[str, object]) -> None:
        if report.when == "call" or not report.passed:
            before = self._checks.get(report.nodeid)
            if before is not None and before.outcome in ("failed", "error"):
                return
            self._checks[report.nodeid] = OutcomeOfTest(
                nodeid=report.nodeid,
                title=str(properties.get("examday_title", report.nodeid)),
                phase=int(str(properties["examday_phase"])) if "examday_phase" in properties else None,
                outcome=_outcome(report),
                message=_message(report),
                line=str(properties[LINE]) if LINE in properties else None,
            )

    @property
    def gates_seen(self) -> bool:
        """Whether a report of any gate has come in."""
        return bool(self._gates)

    @property
    def checks(self) -> tuple[OutcomeOfTest, ...]:
        """Every test that is not a gate."""
        return tuple(self._checks.values())

    def results(self, expected: Iterable[GateResult], missing: Callable[[str], str]) -> tuple[GateResult, ...]:
        """The results of the expected gates, then those of the user's gates that were seen besides.

        `expected` describes each gate. A gate without a complete set of reports is inconclusive; `missing` gives the
        reason, by the gate's name, where there is no report at all.
        """
        described = {gate.name: gate for gate in expected}
        described |= {name: undecided(name) for name in self._gates if name not in described}
        return tuple(self._result(gate, missing) for gate in described.values())

    def _result(self, gate: GateResult, missing: Callable[[str], str]) -> GateResult:
        seen = self._gates.get(gate.name, _Seen())
        if not seen.stages >= _STAGES:
            reason = missing(gate.name) if not seen.stages else "its test did not run through"
            seen.results.append(GateResult(name=gate.name, outcome="inconclusive", reason=reason))
        worst = worst_result(seen.results)
        described = {"title": gate.title, "hard": gate.hard, "suite": gate.suite}
        return worst.model_copy(update=described)


def undecided(name: str, title: str = "", *, hard: bool = False, suite: str | None = None) -> GateResult:
    """A gate of which no report has come in yet. Without `title` and `suite` it is a gate of the user's."""
    return GateResult(name=name, outcome="inconclusive", reason="", title=title or name, hard=hard, suite=suite)


def _from_report(name: str, report: pytest.TestReport, judged: GateResult | None) -> GateResult | None:
    """The result of a gate by pytest's report alone, for tests that leave no result of their own."""
    if hasattr(report, "wasxfail"):
        return GateResult(name=name, outcome="inconclusive", reason=f"expected to fail (xfail): {report.wasxfail}")
    if report.outcome not in ("passed", "failed"):
        return GateResult(name=name, outcome="inconclusive", reason=f"{report.outcome}: {_message(report)}")
    if report.failed and report.when != "call":
        return GateResult(name=name, outcome="inconclusive", reason=f"error at {report.when}: {_message(report)}")
    if report.failed and (judged is None or judged.outcome == "pass"):
        outcome: Outcome = "fail" if judged is None else "inconclusive"
        return GateResult(name=name, outcome=outcome, reason=_message(report))
    if report.passed and report.when == "call" and judged is None:
        return GateResult(name=name, outcome="pass", reason="its test passed")
    return None


def _outcome(report: pytest.TestReport) -> Literal["passed", "failed", "error", "skipped"]:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    return "passed" if report.passed else "skipped"


def _message(report: pytest.TestReport) -> str:
    """The first line of the failure, without the exception's name where that adds nothing."""
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
    """The properties that a test's report carries to the controller, also from an xdist worker."""
    made: list[tuple[str, object]] = [("examday_title", title)]
    if gate is not None:
        made.append(("examday_gate", gate))
    if phase is not None:
        made.append(("examday_phase", phase))
    return made
