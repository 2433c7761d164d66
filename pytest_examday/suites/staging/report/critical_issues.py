"""The critical issues of the report and what to do about them, from the lines, gates and tests that did not pass."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_examday.core.verdict import LineRecord, Verdict
from pytest_examday.report.figure_words import printable_line
from pytest_examday.report.view import View

Severity = Literal["HIGH", "MEDIUM", "LOW"]
_OF_OUTCOME: dict[str, Severity] = {"fail": "HIGH", "inconclusive": "MEDIUM"}
"""Outcome of a line that belongs to a gate -> severity. What was not measured may be as bad as what failed, and nobody
knows."""


@dataclass(frozen=True)
class Issue:
    """One issue: lines with the same outcome and the same reason."""

    id: str
    severity: Severity
    description: str
    impact: str
    blocks: bool
    """Whether it has to be resolved before GO."""
    action: str
    """What to do about it."""


def issues(view: View) -> tuple[Issue, ...]:
    """All issues, the severest first."""
    found = sorted(
        (*_of_lines(view), *_of_obstacles(view.verdict), *_of_users_gates(view.verdict)),
        key=lambda one: ("HIGH", "MEDIUM", "LOW").index(one.severity),
    )
    return tuple(
        Issue(f"ISSUE-{number:03}", one.severity, one.description, one.impact, one.blocks, one.action)
        for number, one in enumerate(found, 1)
    )


def _of_lines(view: View) -> Iterator[Issue]:
    titles = {gate.name: str(gate.words) for gate in view.suite.gates}
    for lines in _grouped(line for line in view.lines if line.outcome != "pass"):
        first = lines[0]
        gates = dict.fromkeys(titles[name] for line in lines for name in line.gates if name in titles)
        words, reason = "; ".join(line.words for line in lines), printable_line(first.reason)
        severity: Severity = _OF_OUTCOME[first.outcome] if gates else "LOW"
        impact = f"not met: {'; '.join(gates)}" if gates else "none on the decision; for information"
        do = "Correct" if first.outcome == "fail" else "Measure"
        yield Issue("", severity, f"{words}: {reason}", impact, bool(gates), f"{do}: {words} ({reason})")


def _grouped(lines: Iterable[LineRecord]) -> list[list[LineRecord]]:
    """Lines with the same reason and outcome that belong or do not belong to gates, together."""
    groups: dict[tuple[str, str, bool], list[LineRecord]] = {}
    for line in lines:
        groups.setdefault((line.outcome, line.reason, bool(line.gates)), []).append(line)
    return list(groups.values())


def _of_obstacles(verdict: Verdict | None) -> Iterator[Issue]:
    for obstacle in () if verdict is None else verdict.obstacles:
        text = printable_line(obstacle)
        yield Issue("", "HIGH", text, "the verdict is NO-GO", True, f"Resolve: {text}")


def _of_users_gates(verdict: Verdict | None) -> Iterator[Issue]:
    """Gates of the user's own tests; those of the suite are told by their lines."""
    for gate in () if verdict is None else verdict.gates:
        if gate.suite is None and gate.outcome != "pass":
            text = f"{gate.title or gate.name}: {printable_line(gate.reason)}"
            do = "Correct" if gate.outcome == "fail" else "Measure"
            yield Issue("", _OF_OUTCOME[gate.outcome], text, f"the gate {gate.name} is not met", True, f"{do}: {text}")
