"""The recovery drill (seed 000, phase 7): the whole backend stopped and started while candidates work."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import Fault, service_down
from pytest_examday.target.target import Target


def _fault(target: Target) -> Fault:
    runtime = target.runtime
    backend = runtime.service("backend")
    return service_down(target, "full backend restart", backend, abruptly=False, parts=runtime.workers())


def describe(target: Target) -> Drill:
    """All workers stopped, then started."""
    return Drill(activity="recovery", scenario="full backend restart", fault=_fault, cuts_connections=True, outage=True)
