"""A slow database (seed 002, "High Latency"): every answer of it is late, nobody is turned away."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import Fault, service_delayed
from pytest_examday.suites.exam.probes import enter_and_sit
from pytest_examday.target.target import Target


def _fault(target: Target) -> Fault:
    milliseconds = target.environment.profile.drill.slow_database_ms
    return service_delayed(target, "database delayed", target.runtime.service("database"), milliseconds)


def describe(target: Target) -> Drill:
    """Delayed for the hold."""
    return Drill(
        activity="drill_slow_database",
        scenario=f"database slower by {target.environment.profile.drill.slow_database_ms} ms an answer",
        fault=_fault,
        during=enter_and_sit,
        continues=True,
    )
