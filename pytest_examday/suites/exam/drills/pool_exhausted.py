"""The connection pool is exhausted, as in real incidents: the database is paused, so every request keeps its connection
until none is left. Afterwards the pool has to hand out connections again."""

from pytest_examday.drills.drill import Drill, brief_hold
from pytest_examday.faults.role_faults import role_paused

DRILL = Drill(
    name="pool_exhausted",
    activity="drill_pool_exhausted",
    title="Pool exhausted",
    phase=3,
    scenario=lambda environment: (
        f"connection pool exhausted: the database is paused for {brief_hold(environment):g} seconds"
    ),
    fault=role_paused("database", "database paused"),
    cuts_connections=True,
    outage=True,
    continues=True,
    hold_seconds=brief_hold,
)
