"""The risk register: what failed, what was not measured, and what came near its limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_examday.core.limit_words import share
from pytest_examday.core.outcome import worst
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.report.figure_words import (
    milliseconds,
    percent,
    plural,
    printable_line,
    seconds,
)
from pytest_examday.report.verdict_words import gate_rows, gates_not_passed
from pytest_examday.report.view import View
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import RECOVERY_TESTED
from pytest_examday.suites.exam.lines.load.latency import judged_windows
from pytest_examday.suites.exam.report.counts_in_words import whose_pool
from pytest_examday.suites.exam.report.source import Sources

Degree = Literal["High", "Medium", "Low"]

_NEAR_P95, _NEAR_POOL, _NEAR_RECOVERY, _NEAR_ERRORS = 0.6, 0.75, 0.5, 0.5
"""A figure above this share (0 to 1) of its limit is near the limit."""


@dataclass(frozen=True)
class Risk:
    """One risk: what was observed, how bad and how likely it is, and what to do about it."""

    description: str
    impact: Degree
    likelihood: Degree
    mitigation: str


def risks(view: View, sources: Sources) -> tuple[Risk, ...]:
    """All risks that were observed.

    Every gate that did not pass is a risk, and so is every line that did not pass and made no gate fail. A figure near
    its limit is a risk only if its line passed.
    """
    against = gates_not_passed(gate_rows(view.verdict))
    found = [_OF_GATES[group.outcome](group.titles, group.reason) for group in against]
    found += _of_lines(view)
    if sources.load.record is not None:
        found += _of_load(view, sources.load.record)
    for source in sources.drills:
        if source.record is not None:
            found += _of_drill(view, source.record)
    found += _unknown_writes(sources)
    return tuple(found)


@dataclass(frozen=True)
class Step:
    """One step of the plan, and the numbers of the risks that it is for."""

    text: str
    risks: str


def plan(found: tuple[Risk, ...]) -> tuple[Step, ...]:
    """The steps that the risks ask for, each of them once."""
    numbers: dict[str, list[str]] = {}
    for number, risk in enumerate(found, 1):
        numbers.setdefault(risk.mitigation, []).append(str(number))
    return tuple(Step(text, ", ".join(which)) for text, which in numbers.items())


def _failed(what: str, reason: str) -> Risk:
    step = "Remove the cause of the failure and rehearse again; until then the verdict is NO-GO."
    return Risk(f"Failed: {what} ({reason})", "High", "High", step)


def _unjudged(what: str, reason: str) -> Risk:
    step = "Make the missing measurement possible and rehearse again; until then the verdict is NO-GO."
    return Risk(f"Not known: {what} ({reason})", "High", "Medium", step)


_OF_GATES = {"fail": _failed, "inconclusive": _unjudged}


def _of_lines(view: View) -> Iterator[Risk]:
    """The lines that did not pass and whose reason no gate gives. Lines with one outcome and reason make one risk."""
    red_gates = {row.name for row in gate_rows(view.verdict) if not row.passed}
    names = {gate.name: view.suite.full_name(gate) for gate in view.suite.gates}
    groups: dict[tuple[str, str], list[str]] = {}
    for line in view.lines:
        if line.outcome != "pass" and red_gates.isdisjoint(names[gate] for gate in line.gates):
            groups.setdefault((line.outcome, printable_line(line.reason)), []).append(line.words)
    for (outcome, reason), words in groups.items():
        what = f"{'; '.join(words)} ({reason})"
        if outcome == "fail":
            step = "Decide whether the exam can be held with what this line found; it counts for no gate that failed."
            yield Risk(f"Failed: {what}", "Medium", "High", step)
        else:
            step = "Make it measurable, or check it by hand before the exam."
            yield Risk(f"Not measured: {what}", "Medium", "Medium", step)


def _passed(view: View, key: str) -> bool:
    line = view.line(key)
    return line is not None and line.outcome == "pass"


def _of_load(view: View, load: LoadEvidence) -> Iterator[Risk]:
    limits = view.limits
    p95 = max((window.figures.p95_ms or 0 for window in judged_windows(load)), default=0)
    if _passed(view, "p95-stays-below-the-limit") and p95 > _NEAR_P95 * limits.p95_ms:
        yield Risk(
            f"Slow replies: p95 {milliseconds(p95)} in the slowest window, limit {milliseconds(limits.p95_ms)}",
            "Medium",
            "Medium",
            "Find the slowest operation in phase 2 and rehearse with more candidates.",
        )
    usage = load.pool.sustained_usage or 0
    if _passed(view, "database-connection-pool") and usage > _NEAR_POOL * limits.pool_usage:
        yield Risk(
            f"Database connections run short: {percent(usage, 0)} of {whose_pool(load.pool)} for a while, "
            f"limit {share(limits.pool_usage)}",
            "High",
            "Medium",
            "Enlarge the pool or add a worker before the exam.",
        )
    rate = load.overall.error_rate or 0
    if _passed(view, "error-rate-of-the-load") and rate > _NEAR_ERRORS * limits.error_rate:
        yield Risk(
            f"Requests fail now and then: {percent(rate)}, limit {share(limits.error_rate)}",
            "Medium",
            "High",
            "Look the failures up by their request ids in the logs.",
        )


def _of_drill(view: View, drill: DrillEvidence) -> Iterator[Risk]:
    took, limit = drill.recovery_seconds or 0, view.limits.recovery_seconds
    recovery = [line for line in view.needing(drill.drill) if RECOVERY_TESTED in line.gates]
    if worst(line.outcome for line in recovery) == "pass" and took > _NEAR_RECOVERY * limit:
        yield Risk(
            f"Slow recovery ({printable_line(drill.scenario)}): {seconds(took)}, limit {seconds(limit)}",
            "High",
            "Medium",
            "Find the service that came back last in phase 3 or 7 and speed up its start.",
        )


def _unknown_writes(sources: Sources) -> Iterator[Risk]:
    loaded = 0 if sources.load.record is None else sources.load.record.writes.unknown
    drilled = sum(source.record.writes.unknown for source in sources.drills if source.record is not None)
    if unknown := loaded + drilled:
        yield Risk(
            f"{plural(unknown, 'write')} never got a reply, so their candidates could not know whether they were saved",
            "Medium",
            "Medium",
            "Show candidates what is unsaved, and let clients repeat a write under the same key.",
        )
