"""Phase 2: candidates submitted twice at the same moment."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.suites.exam.gates import (
    NO_DUPLICATE_SUBMITS,
)
from pytest_examday.suites.exam.lines.load.record import load_record

_K6 = "k6"


def _double_submits(measured: Measured, findings: Findings) -> None:
    load = load_record(measured)
    tried = load.simultaneous_submits
    findings.doubt_if(tried == 0, "no two submits of a candidate were under way at the same moment")
    findings.add_fact(f"{tried} simultaneous double submits")
    if load.engine.startswith(_K6):
        findings.add_fact("k6 tries no double starts, and no doubles on new connections or without a key: phase 5 does")


LINES: tuple[Line, ...] = (
    Line(
        "double-submits-were-tried",
        "Candidates submitted twice at the same moment",
        2,
        ("load",),
        _double_submits,
        (NO_DUPLICATE_SUBMITS,),
    ),
)
