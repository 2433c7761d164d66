"""The recovery drill (seed 000, phase 7): the whole backend stopped and started while candidates work."""

from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import Fault, service_down
from pytest_examday.suites.exam.drills.chart import requests_over_time

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _all_workers_stopped(target: "Target") -> Fault:
    runtime = target.runtime
    backend = runtime.service("backend")
    return service_down(target, "full backend restart", backend, abruptly=False, parts=runtime.workers())


DRILL = Drill(
    name="backend_restart",
    activity="recovery",
    title="Full backend restart",
    phase=7,
    scenario="full backend restart",
    fault=_all_workers_stopped,
    chart=requests_over_time,
    always=True,
    cuts_connections=True,
    outage=True,
)
