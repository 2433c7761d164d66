"""PostgreSQL is restarted during the exam (source document 002, "Database Issues"): connections break, and the pool has
to open new ones."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.role_faults import role_stopped
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probes.drill_probes import ready_without_database

_LINES = LinesOf("postgres_restart", "PostgreSQL restart")

DRILL = Drill(
    name="postgres_restart",
    title="PostgreSQL restart",
    phase=3,
    scenario="PostgreSQL restarted in mid-exam",
    fault=role_stopped("database", "PostgreSQL stopped"),
    standard=True,
    lines=(*_LINES.usual(continues=True), _LINES.not_ready_without("the database")),
    during=ready_without_database,
    cuts_connections=True,
    outage=True,
    continues=True,
    hold_seconds=0.0,
)
