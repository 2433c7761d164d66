"""One worker stands still (a wedged process, from real incidents): its connections stay open and say nothing."""

from pytest_examday.drills.drill import Drill, brief
from pytest_examday.faults.fault import service_paused
from pytest_examday.suites.exam.drills.workers import one_of_several
from pytest_examday.target.target import Target


def describe(target: Target) -> Drill:
    """Paused for the hold, then let go on: what it wakes up with must not overwrite what others stored meanwhile."""
    return Drill(
        activity="drill_worker_pause",
        scenario=f"one backend worker paused for {brief(target):g} seconds",
        fault=lambda target: service_paused(target, "worker paused", one_of_several(target, "paused")),
        cuts_connections=True,
        continues=True,
        hold_seconds=brief(target),
    )
