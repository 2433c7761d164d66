"""PostgreSQL restarted in mid-exam (seed 002, "Database Issues"): connections break, the pool has to find back."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import service_down
from pytest_examday.target.target import Target


def describe(target: Target) -> Drill:
    """Stopped in the ordinary way and started at once."""
    return Drill(
        activity="drill_postgres_restart",
        scenario="PostgreSQL restarted in mid-exam",
        fault=lambda target: service_down(
            target, "PostgreSQL stopped", target.runtime.service("database"), abruptly=False
        ),
        cuts_connections=True,
        outage=True,
        continues=True,
        hold_seconds=0.0,
    )
