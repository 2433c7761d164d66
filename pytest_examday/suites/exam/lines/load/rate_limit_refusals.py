"""Phase 2: requests of candidates that a rate limit refused (HTTP 429)."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import PER_CENT, against, share
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import OperationFigures
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import ERROR_RATE
from pytest_examday.suites.exam.lines.load.errors import is_a_rate

_OF_ONE_EXAM = ("answer", "clear", "submit", "read", "review")
"""The operations of a candidate's own exam: no other candidate's requests may count against them."""


def _refused(measured: Measured, findings: Findings) -> None:
    """The share of refused requests is judged for each operation.

    A platform may limit logins and starts by address, and all candidates of a rehearsal have one address. So refused
    logins and starts are a doubt, and refused operations of an exam are a failure."""
    load = measured.record("load", LoadEvidence)
    limit = measured.limits.refused_share
    tried = [figures for figures in load.operations if figures.requests]
    own = [figures for figures in tried if figures.operation in _OF_ONE_EXAM]
    findings.doubt_if(not own, f"none of {', '.join(_OF_ONE_EXAM)} was exercised")
    for figures in tried:
        if not _reaches(figures, limit):
            continue
        message = (
            f"{figures.limited} of {figures.requests} {figures.operation} requests were refused by a rate limit "
            f"({against(figures.limited / figures.requests, limit, PER_CENT)})"
        )
        findings.fail_if(figures in own, message)
        findings.doubt_if(figures not in own, f"{message}, which this rehearsal's one address may have caused")
    findings.add_fact(
        f"{sum(figures.limited for figures in own)} of {sum(figures.requests for figures in own)} refused"
    )


def _reaches(figures: OperationFigures, limit: float) -> bool:
    """Whether the limit is reached: by more than one refusal, or by one of at least 100 requests."""
    enough = is_a_rate(figures.limited, figures.requests)
    return figures.limited > 0 and enough and figures.limited / figures.requests >= limit


LINES: tuple[Line, ...] = (
    Line(
        "candidates-are-not-refused",
        lambda limits: f"A rate limit refuses fewer than {share(limits.refused_share)} of candidates' requests",
        2,
        ("load",),
        _refused,
        (ERROR_RATE,),
        reason_of_gate=False,
    ),
)
