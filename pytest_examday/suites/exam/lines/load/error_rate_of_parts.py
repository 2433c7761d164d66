"""Phase 2: the error rate of each part of the exam. The rate of the whole load may hide errors of one part."""

from collections.abc import Iterator

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import PER_CENT, against, share
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import LoadPart, OperationFigures
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import ERROR_RATE
from pytest_examday.suites.exam.lines.load.errors import is_a_rate, one_failure


def _parts(measured: Measured, findings: Findings) -> None:
    """Each cause is reported once:

    * an operation that fails as a whole is left out of every part;
    * a part reports its failing operations, and then the errors of all its other operations together;
    * if the whole load fails, no part reports its other operations."""
    load = measured.record("load", LoadEvidence)
    limit = measured.limits.error_rate
    findings.doubt_if(not load.parts, "this evidence does not have the errors of each part of the exam")
    reported = failing_operations(load, limit)
    load_fails = (load.overall.error_rate or 0.0) >= limit
    for part in load.parts:
        for operation, reason in _reasons(part, limit, reported, load_fails=load_fails):
            words = one_failure(load, operation)
            findings.fail(", ".join(filter(None, (f"{part.name}: {reason}", words))))
    findings.add_fact(
        ", ".join(f"{part.name}: {part.overall.errors} of {part.overall.judged} failed" for part in load.parts)
        or "no parts"
    )


def failing_operations(load: LoadEvidence, limit: float) -> set[str]:
    """The operations that fail as a whole."""
    return {
        figures.operation
        for figures in load.operations
        if _fails(figures, limit) and is_a_rate(figures.errors, figures.judged)
    }


def failing_parts(load: LoadEvidence, limit: float, operation: str | None = None) -> tuple[LoadPart, ...]:
    """The parts of the exam whose errors are already reported, here or for an operation as a whole; with `operation`,
    the parts in which the errors of this operation are reported."""
    reported = failing_operations(load, limit)
    return tuple(part for part in load.parts if _is_failing(part, limit, reported, operation))


def _is_failing(part: LoadPart, limit: float, reported: set[str], operation: str | None) -> bool:
    if any(_fails(figures, limit) for figures in part.operations if operation in (None, figures.operation)):
        return True
    return operation is None and any(_reasons(part, limit, reported, load_fails=False))


def _reasons(part: LoadPart, limit: float, reported: set[str], *, load_fails: bool) -> Iterator[tuple[str, str]]:
    """The operations that fail in this part, with the reason of each. An empty name stands for all other operations
    together."""
    apart = [figures for figures in part.operations if figures.operation in reported]
    for figures in part.operations:
        if figures not in apart and _fails(figures, limit):
            apart.append(figures)
            yield figures.operation, _words(figures.errors, figures.judged, f"{figures.operation} requests", limit)
    errors = part.overall.errors - sum(figures.errors for figures in apart)
    judged = part.overall.judged - sum(figures.judged for figures in apart)
    if not load_fails and errors > 1 and errors / judged >= limit:
        yield "", _words(errors, judged, "other requests" if apart else "requests", limit)


def _fails(figures: OperationFigures, limit: float) -> bool:
    """Whether more than one request failed, and their share reaches the limit: a single error is not judged as a
    rate."""
    return figures.errors > 1 and figures.errors / figures.judged >= limit


def _words(errors: int, judged: int, what: str, limit: float) -> str:
    return f"{errors} of {judged} {what} failed ({against(errors / judged, limit, PER_CENT)})"


LINES: tuple[Line, ...] = (
    Line(
        "error-rate-of-each-part",
        lambda limits: (
            f"The error rate of each part of the exam, and of each operation in it, is below {share(limits.error_rate)}"
        ),
        2,
        ("load",),
        _parts,
        (ERROR_RATE,),
        reason_of_gate=False,
    ),
)
