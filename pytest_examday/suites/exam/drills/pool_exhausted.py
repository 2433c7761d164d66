"""The connection pool exhausted (from real incidents): the database stands still, so every request keeps the connection
that it has taken until none is left. Afterwards the pool has to give them out again."""

from pytest_examday.drills.drill import Drill, brief
from pytest_examday.faults.fault import service_paused
from pytest_examday.target.site import Site


def describe(site: Site) -> Drill:
    """The database paused for the hold."""
    return Drill(
        activity="drill_pool_exhausted",
        scenario=f"connection pool exhausted: the database stands still for {brief(site):g} seconds",
        fault=lambda site: service_paused(site, "database paused", site.runtime.service("database")),
        cuts_connections=True,
        outage=True,
        continues=True,
        hold_seconds=brief(site),
    )
