"""One worker stands still (a wedged process, from real incidents): its connections stay open and say nothing."""

from pytest_examday.drills.drill import Drill, brief
from pytest_examday.faults.fault import service_paused
from pytest_examday.suites.exam.drills.workers import one_of_several
from pytest_examday.target.site import Site


def describe(site: Site) -> Drill:
    """Paused for the hold, then let go on: what it wakes up with must not overwrite what others stored meanwhile."""
    return Drill(
        activity="drill_worker_pause",
        scenario=f"one backend worker paused for {brief(site):g} seconds",
        fault=lambda site: service_paused(site, "worker paused", one_of_several(site, "paused")),
        cuts_connections=True,
        continues=True,
        hold_seconds=brief(site),
    )
