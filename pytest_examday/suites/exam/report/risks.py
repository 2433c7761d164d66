"""The risk register: what was not measured, and what came near its limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_examday.core.limit_words import share
from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.report.figure_words import (
    milliseconds,
    one_line,
    percent,
    plural,
    seconds,
)
from pytest_examday.report.verdict_words import GateGroup, gate_rows, grouped
from pytest_examday.report.view import View, worst
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.lines.load import judged_windows
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

    A figure near its limit is a risk only if its line passed. A failed line is a blocker, and a line that could not be
    judged is a risk of its own.
    """
    found = [_unjudged(group) for group in grouped(gate_rows(view.verdict)) if group.outcome == "inconclusive"]
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


def _unjudged(group: GateGroup) -> Risk:
    return Risk(
        f"It is unknown whether this holds: {group.titles} ({group.reason})",
        "High",
        "Medium",
        "Remove the cause named here and rehearse again; until then it counts against GO.",
    )


def _passed(view: View, key: str) -> bool:
    line = view.line(key)
    return line is not None and line.outcome == "pass"


def _of_load(view: View, load: LoadEvidence) -> Iterator[Risk]:
    limits = view.limits
    p95 = max((window.figures.p95_ms or 0 for window in judged_windows(load)), default=0)
    if _passed(view, "p95-stays-below-the-limit") and p95 > _NEAR_P95 * limits.p95_ms:
        yield Risk(
            f"Slow answers: p95 {milliseconds(p95)} in the slowest window, limit {milliseconds(limits.p95_ms)}",
            "Medium",
            "Medium",
            "Find the slowest operation in phase 2 and rehearse with more candidates.",
        )
    usage = load.pool.peak_usage or 0
    if _passed(view, "database-connection-pool") and usage > _NEAR_POOL * limits.pool_usage:
        yield Risk(
            f"Database connections run short: {percent(usage, 0)} of a worker's pool at its peak, "
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
    recovery = [line for line in view.needing(drill.drill) if "recovery-tested" in line.gates]
    if worst(recovery) == "pass" and took > _NEAR_RECOVERY * limit:
        yield Risk(
            f"Slow recovery ({one_line(drill.scenario)}): {seconds(took)}, limit {seconds(limit)}",
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
