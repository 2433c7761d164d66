"""The connection pool is exhausted, as in real incidents: the database is paused, so every request keeps its connection
until none is left. Afterwards the pool has to hand out connections again."""

from pytest_examday.drills.drill import Drill, hold_below_wait_limit
from pytest_examday.faults.role_faults import role_paused
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probes.drill_probes import ready_without_database

_LINES = LinesOf("pool_exhausted", "Pool exhausted")

DRILL = Drill(
    name="pool_exhausted",
    title="Pool exhausted",
    phase=3,
    scenario=lambda environment: (
        f"connection pool exhausted: the database is paused for {hold_below_wait_limit(environment):g} seconds"
    ),
    fault=role_paused("database", "database paused"),
    lines=(*_LINES.usual(continues=True), _LINES.not_ready_without("the database")),
    during=ready_without_database,
    cuts_connections=True,
    outage=True,
    continues=True,
    hold_seconds=hold_below_wait_limit,
)
