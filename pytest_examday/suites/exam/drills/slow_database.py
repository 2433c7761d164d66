"""A slow database (seed 002, "High Latency"): every answer of it is late, nobody is turned away."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import Fault, service_delayed
from pytest_examday.suites.exam.probes import enter_and_sit
from pytest_examday.target.site import Site


def _fault(site: Site) -> Fault:
    milliseconds = site.environment.profile.drill.slow_database_ms
    return service_delayed(site, "database delayed", site.runtime.service("database"), milliseconds)


def describe(site: Site) -> Drill:
    """Delayed for the hold."""
    return Drill(
        activity="drill_slow_database",
        scenario=f"database slower by {site.environment.profile.drill.slow_database_ms} ms an answer",
        fault=_fault,
        during=enter_and_sit,
        continues=True,
    )
