"""Phase 2: the open files of the workers under load."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import share
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.suites.exam.gates import STABLE_UNDER_LOAD
from pytest_examday.suites.exam.lines.load.record import load_record

_LEAST_GROWTH = 32
"""Fewer further files are no leak: a worker may open some for caches, logs and its pool."""


def _open_files(measured: Measured, findings: Findings) -> None:
    """Connections are not counted, because more candidates have more of them."""
    files = load_record(measured).open_files
    if files is None or files.middle is None or files.last is None:
        why = "the runtime does not tell them" if files is None else f"{files.samples} readings"
        findings.doubt(f"the open files of the workers were not measured ({why})")
        return
    told = f"{files.middle:.0f} open files in the middle of the load and {files.last:.0f} at its end"
    message = f"the worker with the most had {told}, without its connections"
    grown = files.last - files.middle
    leaks = grown >= _LEAST_GROWTH and grown > measured.limits.memory_growth * files.middle
    findings.fail_if(leaks, message)
    findings.add_fact(message)


LINES: tuple[Line, ...] = (
    Line(
        "open-files-stay-stable",
        lambda limits: (
            f"The open files of no worker grow by {_LEAST_GROWTH} and {share(limits.memory_growth)} up to the end"
        ),
        2,
        ("load",),
        _open_files,
        (STABLE_UNDER_LOAD,),
        "ignored",
    ),
)
