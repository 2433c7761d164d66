"""Phase 2: the memory of the workers under load."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    WHOLE_PER_CENT,
    share,
    shown,
)
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import (
    STABLE_UNDER_LOAD,
)
from pytest_examday.suites.exam.lines.load.record import load_record

_LEAST_GROWTH_BYTES = 32 * 2**20
"""Less growth than this is no leak that an exam would feel."""


def _memory(measured: Measured, findings: Findings) -> None:
    """The platform's metric is judged, and so is what the runtime tells of the processes: a metric may be wrong. If
    neither was measured, nothing is known."""
    load = load_record(measured)
    known = False
    for who, figures in (("the largest worker", load.memory), ("the largest process", load.process_memory)):
        if figures is not None and figures.middle is not None and figures.last is not None:
            known = True
            _judge_growth(figures.middle, figures.last, who, measured.limits.memory_growth, findings)
    memory = load.memory
    if known:
        _judge_peaks(load, measured.limits.memory_growth, findings)
    why = "the evidence does not have it" if memory is None else f"{memory.source}, {memory.samples} readings"
    findings.doubt_if(not known, f"the memory of the workers was not measured ({why})")


def _judge_growth(before: float, after: float, who: str, limit: float, findings: Findings) -> None:
    grown, share_grown = after - before, (after - before) / before if before else 0.0
    message = f"{who} had {_mebibytes(before)} in the middle of the load and {_mebibytes(after)} at its end"
    leaks = grown >= _LEAST_GROWTH_BYTES and share_grown > limit
    findings.fail_if(leaks, f"{message} (+{shown(share_grown, limit, WHOLE_PER_CENT)}, limit {share(limit)})")
    findings.add_fact(message)


def _judge_peaks(load: LoadEvidence, limit: float, findings: Findings) -> None:
    """Processes that grow at the very end of a load, which medians do not show, have to grow in the metric too."""
    metric, processes = load.memory, load.process_memory
    if metric is None or processes is None or metric.middle is None or processes.middle is None:
        return
    if metric.peak is None or processes.peak is None:
        return
    grown, reported = processes.peak - processes.middle, metric.peak - metric.middle
    hidden = grown - reported >= _LEAST_GROWTH_BYTES and grown - reported > limit * processes.middle
    message = f"the largest process grew by {_mebibytes(grown)} up to its peak, the metric by {_mebibytes(reported)}"
    findings.fail_if(hidden, message)


def _mebibytes(size: float) -> str:
    return f"{size / 2**20:.0f} MiB"


LINES: tuple[Line, ...] = (
    Line(
        "memory-stays-stable",
        lambda limits: f"Memory of the largest worker grows by at most {share(limits.memory_growth)} up to the end",
        2,
        ("load",),
        _memory,
        (STABLE_UNDER_LOAD,),
        "ignored",
    ),
)
