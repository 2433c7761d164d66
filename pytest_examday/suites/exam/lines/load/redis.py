"""Phase 2: no connection to Redis fails under load."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.suites.exam.lines.load.record import load_record


def _redis(measured: Measured, findings: Findings) -> None:
    load = load_record(measured)
    failures = load.redis_connection_failures
    findings.doubt_if(failures is None, "the platform does not report its Redis failures")
    findings.fail_if(bool(failures), f"{failures} Redis connection failures under load, with nothing injected")
    findings.fail_if(load.ready_degraded > 0, f"not ready {load.ready_degraded} times under load")
    if failures is not None:
        findings.add_fact(f"{failures} Redis connection failures, not ready {load.ready_degraded} times")


LINES: tuple[Line, ...] = (
    Line("redis-status", "Redis: no connection fails, and the platform stays ready", 2, ("load",), _redis),
)
