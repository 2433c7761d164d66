"""The connection pool exhausted (from real incidents): the database stands still, so every request keeps the connection
that it has taken until none is left. Afterwards the pool has to give them out again."""

from pytest_examday.drills.drill import Drill, brief
from pytest_examday.faults.fault import service_paused
from pytest_examday.target.target import Target


def describe(target: Target) -> Drill:
    """The database paused for the hold."""
    return Drill(
        activity="drill_pool_exhausted",
        scenario=f"connection pool exhausted: the database stands still for {brief(target):g} seconds",
        fault=lambda target: service_paused(target, "database paused", target.runtime.service("database")),
        cuts_connections=True,
        outage=True,
        continues=True,
        hold_seconds=brief(target),
    )
