"""Judges whether candidates wait longer after a drill's recovery than they did before its fault."""

from typing import NamedTuple

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import MILLISECONDS, against, exact, shown
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import OperationFigures
from pytest_examday.suites.exam.lines.busy_machine import judge_slow

_FOR_P95, _FOR_MEDIAN = 20, 5
"""The least number of requests by which p95 or the median is judged: 5 % of 20 requests are one request."""
_LATER = 2.0
"""Requests have to be later than before the fault by this factor. If they were nearly as late before, the fault is not
the cause."""


class _Later(NamedTuple):
    """An operation whose requests are late after the recovery, and how late they were before the fault; None if
    nobody knows. Times are milliseconds."""

    name: str
    judged: int
    percentile: str
    now: float
    was: float | None


def judge_late_afterwards(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Requests are not late after the recovery, or no later than before the fault.

    An operation is judged by its p95, as in the load; if it has few requests by the median, because their p95 is nearly
    the slowest of them. All operations together are judged too, because lateness may be spread over several of them.
    """
    after, limit = drill.after, measured.limits.p95_ms
    judged = after.overall.judged
    findings.doubt_if(
        judged < _FOR_MEDIAN,
        f"{drill.drill}: {judged} requests after the recovery, {_FOR_MEDIAN} are needed to compare their latency",
    )
    late = [later for figures in after.operations if (later := _later(drill, figures, limit)) is not None]
    if not late and (later := _later(drill, after.overall, limit)) is not None:
        late.append(later)
    for figures in late:
        _judge(drill, figures, limit, findings)
    if after.overall.p95_ms is not None:
        findings.add_fact(f"p95 after the recovery {shown(after.overall.p95_ms, limit, MILLISECONDS)}")


def _judge(drill: DrillEvidence, later: _Later, limit: float, findings: Findings) -> None:
    now = against(later.now, limit, MILLISECONDS)
    message = f"{later.percentile} of {later.judged} {later.name} requests after the recovery is {now}"
    if later.was is None:
        findings.doubt(f"{drill.drill}: {message}, and nobody measured it before the fault")
    elif later.now < _LATER * later.was:
        findings.add_fact(f"{message}, {exact(later.was)} ms before the fault already")
    else:
        was = f"{drill.drill}: {message}, before the fault it was {exact(later.was)} ms"
        judge_slow(drill, True, was, findings)


def _later(drill: DrillEvidence, now: OperationFigures, limit: float) -> _Later | None:
    """The operation, if it is late after the recovery by as many requests as that takes."""
    least = _FOR_P95 if now.judged >= _FOR_P95 else _FOR_MEDIAN
    late = _percentile(now, least)
    if late is None or late < limit:
        return None
    everything = now.operation == drill.after.overall.operation
    before = (drill.before.overall,) if everything else (*drill.before.operations, *drill.undisturbed)
    earlier = [
        was
        for figures in before
        if figures.operation == now.operation and (was := _percentile(figures, least)) is not None
    ]
    name = "candidates'" if everything else now.operation
    return _Later(name, now.judged, "p95" if least == _FOR_P95 else "p50", late, earlier[0] if earlier else None)


def _percentile(figures: OperationFigures, least: int) -> float | None:
    """p95 if `least` asks for the 20 requests that p95 needs, else the median; None if there are fewer than `least`."""
    if figures.judged < least:
        return None
    return figures.p95_ms if least == _FOR_P95 else figures.p50_ms
