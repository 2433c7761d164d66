"""Phase 2: the platform is ready all the time."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.observe.readiness_timeout import READY_TIMEOUT_SECONDS
from pytest_examday.suites.exam.gates import (
    STABLE_UNDER_LOAD,
)
from pytest_examday.suites.exam.lines.busy_machine import judge_slow
from pytest_examday.suites.exam.lines.load.record import load_record

_SILENT_READINGS, _SILENT_SHARE = 2, 0.2
"""The line is inconclusive if at least so many readings, and more than this share of all, got no reply."""


def _ready(measured: Measured, findings: Findings) -> None:
    load = load_record(measured)
    readings = load.ready_readings
    findings.doubt_if(not readings, "readiness was not read during the load")
    findings.fail_if(load.ready_degraded > 0, f"not ready in {load.ready_degraded} of {readings} readings under load")
    silent, readings_in_all = load.ready_silent, load.ready_silent + (readings or 0)
    message = (
        f"ready gave no reply within {READY_TIMEOUT_SECONDS:g} s in {silent} of {readings_in_all} readings under load"
    )
    judge_slow(load, silent >= _SILENT_READINGS and silent > _SILENT_SHARE * readings_in_all, message, findings)
    findings.add_fact(f"ready in {(readings or 0) - load.ready_degraded} of {readings} readings under load")


LINES: tuple[Line, ...] = (
    Line("ready-under-load", "The platform is ready all the time", 2, ("load",), _ready, (STABLE_UNDER_LOAD,)),
)
