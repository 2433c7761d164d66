"""Phase 2: the load was delivered as planned, and candidates came to the end of their exam.

Unmeasured is no pass: a platform that was not under the planned load has not shown that it can carry it. So each reason
for doubt makes the lines that rest on the load inconclusive.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    MILLISECONDS,
    WHOLE_PER_CENT,
    Unit,
    against,
    shown,
)
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import GeneratorFigures
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import (
    DB_POOL,
    ERROR_RATE,
    P95_LATENCY,
)
from pytest_examday.suites.exam.lines.busy_machine import taken_by_others, use_in_words
from pytest_examday.suites.exam.lines.load.record import load_record

_WRITES = 20
"""The least number of planned writes by which windows are judged. Windows with fewer are joined with the next ones: one
write that slips into the next window would otherwise be more than 5 % of its own."""
_SHORT_SHARE = 0.05
_LAG = Unit(" ms", 1)


class WindowGroup(NamedTuple):
    """Consecutive windows after the ramp, just enough for 20 planned writes: how many writes were planned in them, and
    how many were begun."""

    planned: int
    begun: int


def delivery_doubts(load: LoadEvidence, limits: Thresholds) -> Iterator[str]:
    """Every reason to doubt that the platform was under the planned load."""
    yield from _too_few(load, limits)
    yield from _stalled(load, limits)
    yield from _late(load, limits)
    yield from _saturated(load.generator, limits)


def _too_few(load: LoadEvidence, limits: Thresholds) -> Iterator[str]:
    generator = load.generator
    delivered = generator.delivered_actions / generator.planned_actions if generator.planned_actions else 0.0
    if delivered < limits.delivered_share:
        sent = f"{generator.delivered_actions} of {generator.planned_actions} planned writes were sent"
        outside = sum(fate.password_doubted for fate in load.fates)
        why = f", {outside} candidates were refused at log-in" if outside else ""
        yield f"the load was not delivered: {sent}{why}"


def _stalled(load: LoadEvidence, limits: Thresholds) -> Iterator[str]:
    """Doubt a load that stalled: it may have sent every write in the end, but not at the planned rate.

    Each window is compared with its own plan. It may lack a share of its writes (`window_delivered_share`), because a
    write may slip into the next window. One window, or 5 % of them, may lack more, because one short pause of a machine
    can cause it. A stall for a tenth of the time makes more windows short.
    """
    if any(window.planned is None or window.begun is None for window in load.windows):
        yield "it is unknown whether the load was even: the evidence does not say how many writes each window had"
        return
    in_windows, begun = sum(window.begun or 0 for window in load.windows), load.writes.attempted
    if in_windows != begun:
        yield f"it is unknown whether the load was even: its windows hold {in_windows} writes, and {begun} were begun"
    groups = tuple(_window_groups(load))
    short = [group for group in groups if group.begun < limits.window_delivered_share * group.planned]
    if len(short) > max(1, _SHORT_SHARE * len(groups)):
        worst = min(short, key=lambda group: group.begun / group.planned)
        yield (
            f"the load stalled: in {len(short)} of {len(groups)} groups of windows less than "
            f"{limits.window_delivered_share:.0%} of the writes that were due were begun, at worst {worst.begun} of "
            f"{worst.planned}"
        )


def _window_groups(load: LoadEvidence) -> Iterator[WindowGroup]:
    planned = begun = 0
    for window in load.windows:
        if window.ramp:
            continue
        planned += window.planned or 0
        begun += window.begun or 0
        if planned >= _WRITES:
            yield WindowGroup(planned, begun)
            planned = begun = 0


def _late(load: LoadEvidence, limits: Thresholds) -> Iterator[str]:
    arrivals = load.arrivals
    if arrivals is None or arrivals.late_p95_ms is None:
        yield "it is unknown whether candidates arrived in time: their arrivals were not compared with the plan"
        return
    # Those whose log-in was refused are reported as too few writes.
    planned = arrivals.planned - sum(fate.password_doubted for fate in load.fates)
    if arrivals.actual < limits.delivered_share * planned:
        yield f"the load was not delivered: {arrivals.actual} of {arrivals.planned} candidates arrived"
    if arrivals.late_p95_ms > limits.arrival_late_ms:
        yield (
            f"candidates arrived late: p95 {shown(arrivals.late_p95_ms, limits.arrival_late_ms, MILLISECONDS)} after "
            f"their time, limit {MILLISECONDS.limit(limits.arrival_late_ms)}"
        )


def _saturated(generator: GeneratorFigures, limits: Thresholds) -> Iterator[str]:
    if generator.lag_p95_ms is None:
        yield "the load generator did not watch itself"
    elif generator.lag_p95_ms > limits.generator_lag_ms:
        lag = against(generator.lag_p95_ms, limits.generator_lag_ms, _LAG)
        yield f"the load generator was saturated: its p95 lag was {lag}"
    most = limits.generator_cpu_share
    if generator.cpu_peak_share is None:
        yield "the load generator did not watch its processors"
    elif generator.cpu_peak_share > limits.generator_cpu_share:
        yield (
            f"the load generator was saturated: {shown(generator.cpu_peak_share, most, WHOLE_PER_CENT)} of a processor "
            f"in its busiest seconds, limit {WHOLE_PER_CENT.limit(most)}"
        )


def _delivered(measured: Measured, findings: Findings) -> None:
    """Doubt a load that was not delivered, or whose generator was saturated."""
    load = load_record(measured)
    for doubt in delivery_doubts(load, measured.limits):
        findings.doubt(doubt)
    busy = taken_by_others(load)
    findings.doubt_if(bool(findings.doubts) and busy is not None, str(busy))
    generator = load.generator
    findings.add_fact(f"{generator.delivered_actions} of {generator.planned_actions} planned writes were sent")
    if load.machine is not None:
        findings.add_fact(use_in_words(load.machine, "the load"))


def _finished(measured: Measured, findings: Findings) -> None:
    generator = load_record(measured).generator
    message = f"{generator.finished_actors} of {generator.planned_actors} candidates came to the end of their exam"
    findings.fail_if(generator.finished_actors != generator.planned_actors, message)
    findings.add_fact(message)


LINES: tuple[Line, ...] = (
    Line(
        "load-was-delivered",
        "The load was delivered as planned: users, writes, duration",
        2,
        ("load",),
        _delivered,
        (P95_LATENCY, ERROR_RATE, DB_POOL),
        reason_of_gate=False,
    ),
    Line("every-candidate-came-to-the-end", "Every candidate came to the end of the exam", 2, ("load",), _finished),
)
