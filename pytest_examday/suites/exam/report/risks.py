"""The risk register: what nobody measured, and what came near its limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.verdict import Verdict
from pytest_examday.evidence.phases import DrillEvidence, LoadEvidence
from pytest_examday.report.summary import GateGroup, gate_rows, grouped
from pytest_examday.report.words import (
    milliseconds,
    one_line,
    percent,
    plural,
    seconds,
)
from pytest_examday.suites.exam.report.source import Sources

Degree = Literal["High", "Medium", "Low"]

_NEAR_P95 = 0.6
_NEAR_POOL = 0.6
_NEAR_RECOVERY = 0.5
_NEAR_ERRORS = 0.5


@dataclass(frozen=True)
class Risk:
    """One weak point, and what to do about it."""

    description: str
    impact: Degree
    likelihood: Degree
    mitigation: str


def risks(verdict: Verdict | None, sources: Sources, limits: Thresholds) -> tuple[Risk, ...]:
    """All weak points that were observed; the gates that failed are blockers, told elsewhere."""
    found = [_unjudged(group) for group in grouped(gate_rows(verdict)) if group.outcome == "inconclusive"]
    if sources.load.record is not None:
        found += _of_load(sources.load.record, limits)
    for source in sources.drills:
        if source.record is not None:
            found += _of_drill(source.record, limits)
    found += _unknown_writes(sources)
    return tuple(found)


@dataclass(frozen=True)
class Step:
    """One step of the plan, and the numbers of the risks that it answers."""

    text: str
    risks: str


def plan(found: tuple[Risk, ...]) -> tuple[Step, ...]:
    """What to do, each thing once."""
    numbers: dict[str, list[str]] = {}
    for number, risk in enumerate(found, 1):
        numbers.setdefault(risk.mitigation, []).append(str(number))
    return tuple(Step(text, ", ".join(which)) for text, which in numbers.items())


def _unjudged(group: GateGroup) -> Risk:
    return Risk(
        f"Nobody knows whether this holds: {group.titles} ({group.reason})",
        "High",
        "Medium",
        "Remove the cause named here and rehearse again; until then it counts against GO.",
    )


def _of_load(load: LoadEvidence, limits: Thresholds) -> Iterator[Risk]:
    p95 = max((window.figures.p95_ms or 0 for window in load.windows if not window.ramp), default=0)
    if p95 > _NEAR_P95 * limits.p95_ms:
        yield Risk(
            f"Slow answers: p95 {milliseconds(p95)} in the slowest window, limit {milliseconds(limits.p95_ms)}",
            "Medium",
            "Medium",
            "Find the slowest operation in phase 2 and rehearse with more candidates.",
        )
    usage = load.pool.peak_usage
    if usage is not None and usage > _NEAR_POOL:
        yield Risk(
            f"Database connections run short: {percent(usage, 0)} of a worker's pool at its peak, "
            f"limit {percent(limits.pool_usage, 0)}",
            "High",
            "Medium",
            "Enlarge the pool or add a worker before the exam.",
        )
    rate = load.overall.error_rate
    if rate is not None and rate > _NEAR_ERRORS * limits.error_rate:
        yield Risk(
            f"Requests fail now and then: {percent(rate)}, limit {percent(limits.error_rate)}",
            "Medium",
            "High",
            "Look the failures up by their request ids in the logs.",
        )


def _of_drill(drill: DrillEvidence, limits: Thresholds) -> Iterator[Risk]:
    took = drill.recovery_seconds
    if took is not None and took > _NEAR_RECOVERY * limits.recovery_seconds:
        yield Risk(
            f"Slow recovery ({one_line(drill.scenario)}): {seconds(took)}, limit {seconds(limits.recovery_seconds)}",
            "High",
            "Medium",
            "Find the service that came back last in phase 3 or 7 and speed up its start.",
        )


def _unknown_writes(sources: Sources) -> Iterator[Risk]:
    loaded = 0 if sources.load.record is None else sources.load.record.writes.unknown
    drilled = sum(source.record.writes.unknown for source in sources.drills if source.record is not None)
    if unknown := loaded + drilled:
        yield Risk(
            f"{plural(unknown, 'write')} never got a reply, so nobody could know whether they were saved",
            "Medium",
            "Medium",
            "Show candidates what is unsaved, and let clients repeat a write under the same key.",
        )
