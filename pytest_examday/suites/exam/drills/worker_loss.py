"""One backend worker killed and started again (seed 000, phase 3 B): the others serve, clients retry safely."""

from pytest_examday.drills.drill import Drill
from pytest_examday.evidence.phases import Probe
from pytest_examday.faults.fault import Fault, service_down
from pytest_examday.suites.exam.drills.workers import one_of_several
from pytest_examday.suites.exam.probes import others_serve, retry
from pytest_examday.suites.exam.sitting import Sitting
from pytest_examday.target.site import Site


def _during(site: Site, sitting: Sitting) -> tuple[Probe, ...]:
    return (*others_serve(site, sitting), *retry(site, sitting))


def _fault(site: Site) -> Fault:
    return service_down(site, "worker killed", one_of_several(site, "killed"), abruptly=True)


def describe(site: Site) -> Drill:
    """SIGKILL to the last worker; started again after the hold."""
    return Drill(
        activity="worker_loss",
        scenario="one backend worker killed and restarted",
        fault=_fault,
        during=_during,
        cuts_connections=True,
    )
