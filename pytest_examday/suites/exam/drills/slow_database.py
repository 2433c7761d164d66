"""The database is slow (source document 002, "High Latency"): all its replies are delayed, and every request has to be
served."""

from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.role_faults import role_delayed
from pytest_examday.suites.exam.probes.drill_probes import log_in_and_sit_exam

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _database_delayed(target: "Target") -> Fault:
    return role_delayed(target, "database", target.environment.profile.drill.slow_database_ms)


DRILL = Drill(
    name="slow_database",
    title="Slow database",
    phase=3,
    scenario=lambda environment: f"database slower by {environment.profile.drill.slow_database_ms} ms a reply",
    fault=_database_delayed,
    during=log_in_and_sit_exam,
    continues=True,
    needs_links=True,
)
