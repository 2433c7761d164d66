"""One worker is paused, like a hung process in real incidents: its connections stay open, and it answers nothing. When
it goes on, its old requests must not overwrite what other workers have stored meanwhile."""

from pytest_examday.drills.drill import Drill, hold_below_wait_limit
from pytest_examday.faults.role_faults import one_worker_paused
from pytest_examday.suites.exam.drills.worker_sense import felt_by_worker

DRILL = Drill(
    name="worker_pause",
    title="Worker pause",
    phase=3,
    scenario=lambda environment: f"one backend worker paused for {hold_below_wait_limit(environment):g} seconds",
    fault=felt_by_worker(one_worker_paused("worker paused")),
    standard=True,
    cuts_connections=True,
    continues=True,
    hold_seconds=hold_below_wait_limit,
)
