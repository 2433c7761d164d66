"""The front proxy restarted in mid-exam (seed 002 runs one): nobody gets in meanwhile, nobody loses anything."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import service_down
from pytest_examday.target.target import Target


def describe(target: Target) -> Drill:
    """Stopped and started at once."""
    return Drill(
        activity="drill_proxy_restart",
        scenario="front proxy restarted",
        fault=lambda target: service_down(target, "proxy stopped", target.runtime.service("proxy"), abruptly=False),
        cuts_connections=True,
        outage=True,
        continues=True,
        hold_seconds=0.0,
    )
