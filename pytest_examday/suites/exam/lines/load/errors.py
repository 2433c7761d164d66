"""Phase 2: the error rate of the whole load and of each operation."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    PER_CENT,
    against,
    bounded,
    share,
    shown,
)
from pytest_examday.core.line import Judge, Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import (
    ERRORS,
    OperationFigures,
)
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import (
    ERROR_RATE,
)
from pytest_examday.suites.exam.lines.load.operations import OPERATIONS, is_left_out
from pytest_examday.suites.exam.lines.load.record import load_record

_PLACES = 4
_SAMPLES_FOR_RATE = 100
"""Requests that an error rate needs: among fewer, a single error would be more than 1 %."""


def _errors(operation: str) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        load = load_record(measured)
        figures = load.operation(operation)
        if figures is None and is_left_out(load, operation, findings):
            return
        if figures is None or figures.error_rate is None:
            findings.doubt(f"{operation} was not exercised: no request was judged")
            return
        _judge_errors(load, figures, measured.limits.error_rate, findings)

    return judge


def _judge_errors(load: LoadEvidence, figures: OperationFigures, limit: float, findings: Findings) -> None:
    rate = figures.error_rate or 0.0
    message = f"{figures.errors} of {figures.judged} {figures.operation} requests failed ({_rate(rate, limit)})"
    where = (message, _places(load, figures.operation), one_failure(load, figures.operation))
    findings.fail_if(rate >= limit and is_a_rate(figures.errors, figures.judged), ", ".join(filter(None, where)))
    findings.add_fact(message)


def _places(load: LoadEvidence, operation: str) -> str:
    """How many requests failed by the log of each worker, the worst first; empty if logs do not show it."""
    by_place = load.failing_places.get(operation, {})
    worst = sorted(by_place.items(), key=lambda entry: -entry[1].errors / max(1, entry[1].judged))
    words = ", ".join(f"{place} {ended.errors} of {ended.judged}" for place, ended in worst[:_PLACES])
    return f"by log: {words}" if words else ""


def one_failure(load: LoadEvidence, operation: str) -> str:
    """A candidate for whom the operation failed, with the platform's own words; empty if none is known."""
    failures = (
        f"for instance {fate.actor}: {fate.failures[operation]}" for fate in load.fates if operation in fate.failures
    )
    return next(failures, "")


def _rate(rate: float, limit: float) -> str:
    return against(rate, limit, PER_CENT)


def _other_errors(measured: Measured, findings: Findings) -> None:
    load = load_record(measured)
    others = [figures for figures in load.operations if figures.operation not in OPERATIONS]
    for figures in others:
        _judge_errors(load, figures, measured.limits.error_rate, findings)
    findings.add_fact(f"{len(others)} other operations")


def is_a_rate(failed: int, requests: int) -> bool:
    """Whether so many failures or refusals of so many requests make a rate: more than one, or at least 100 requests. A
    single one of few requests may be chance."""
    return failed > 1 or requests >= _SAMPLES_FOR_RATE


def _error_rate(measured: Measured, findings: Findings) -> None:
    """Judge the error rate of the whole load. Requests that a rate limit refused do not count."""
    overall = load_record(measured).overall
    limit = measured.limits.error_rate
    findings.doubt_if(overall.judged < _SAMPLES_FOR_RATE, f"{overall.judged} requests are too few for a rate")
    rate = overall.error_rate
    if rate is None:
        return
    kinds = ", ".join(
        f"{count} {kind}" for kind, count in sorted(overall.by_outcome.items()) if kind in ERRORS and count
    )
    failed = f"{shown(rate, limit, PER_CENT)} of {overall.judged} requests failed"
    findings.fail_if(rate >= limit, f"{failed}, {bounded(rate, limit, PER_CENT)} ({kinds})")
    findings.add_fact(f"{overall.errors} of {overall.judged} requests of the load failed ({_rate(rate, limit)})")


def _errors_line(operation: str, key: str, title: str) -> Line:
    return Line(
        f"{key}-errors",
        lambda limits: f"{title}: fewer than {share(limits.error_rate)} of requests fail",
        2,
        ("load",),
        _errors(operation),
        (ERROR_RATE,),
        reason_of_gate=False,
    )


LINES: tuple[Line, ...] = (
    Line(
        "error-rate-of-the-load",
        lambda limits: f"The error rate of the whole load stays below {share(limits.error_rate)}",
        2,
        ("load",),
        _error_rate,
        (ERROR_RATE,),
    ),
    *(_errors_line(operation, key, title) for operation, (key, title) in OPERATIONS.items()),
    Line(
        "other-operations-errors",
        lambda limits: f"Every other operation: fewer than {share(limits.error_rate)} of requests fail",
        2,
        ("load",),
        _other_errors,
        (ERROR_RATE,),
        reason_of_gate=False,
    ),
)
