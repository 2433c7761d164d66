"""PostgreSQL is killed while candidates answer, as a crash or a power failure does it, and started again.

Only this drill finds an answer that was acknowledged before it was on disk: by an asynchronous commit, or by a cache
that writes later. A graceful stop gives PostgreSQL and its clients the time to write what they hold.
"""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.role_faults import role_killed
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probes.drill_probes import ready_without_database

_LINES = LinesOf("postgres_crash", "PostgreSQL crash")

DRILL = Drill(
    name="postgres_crash",
    title="PostgreSQL crash",
    phase=3,
    scenario="PostgreSQL killed in mid-exam",
    fault=role_killed("database", "PostgreSQL killed"),
    always=True,
    lines=(*_LINES.usual(continues=True), _LINES.not_ready_without("the database")),
    during=ready_without_database,
    cuts_connections=True,
    outage=True,
    continues=True,
    hold_seconds=0.0,
)
