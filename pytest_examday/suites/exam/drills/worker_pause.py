"""One worker is paused, like a hung process in real incidents: its connections stay open, and it answers nothing. When
it goes on, its old requests must not overwrite what other workers have stored meanwhile."""

from pytest_examday.drills.drill import Drill, brief_hold
from pytest_examday.faults.role_faults import one_worker_paused
from pytest_examday.suites.exam.drills.felt_by_workers import felt_by_workers

DRILL = Drill(
    name="worker_pause",
    activity="drill_worker_pause",
    title="Worker pause",
    phase=3,
    scenario=lambda environment: f"one backend worker paused for {brief_hold(environment):g} seconds",
    fault=felt_by_workers(one_worker_paused("worker paused")),
    standard=True,
    cuts_connections=True,
    continues=True,
    hold_seconds=brief_hold,
)
