"""The connection pool is exhausted, as in real incidents: the database is paused, so every request keeps its connection
until none is left. Afterwards the pool has to hand out connections again."""

from pytest_examday.drills.drill import Drill, brief_hold
from pytest_examday.faults.role_faults import role_paused
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probes import database_away

_LINES = LinesOf("drill_pool_exhausted", "pool-exhausted", "Pool exhausted")

DRILL = Drill(
    name="pool_exhausted",
    activity="drill_pool_exhausted",
    title="Pool exhausted",
    phase=3,
    scenario=lambda environment: (
        f"connection pool exhausted: the database is paused for {brief_hold(environment):g} seconds"
    ),
    fault=role_paused("database", "database paused"),
    lines=(*_LINES.usual(continues=True), _LINES.ready_tells("the database")),
    during=database_away,
    cuts_connections=True,
    outage=True,
    continues=True,
    hold_seconds=brief_hold,
)
