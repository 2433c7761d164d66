"""One backend worker killed and started again (seed 000, phase 3 B): the others serve, clients retry safely."""

from pytest_examday.drills.drill import Drill
from pytest_examday.evidence.phases import Probe
from pytest_examday.faults.fault import Fault, service_down
from pytest_examday.suites.exam.drills.workers import one_of_several
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probes import others_serve, retry
from pytest_examday.target.target import Target


def _during(target: Target, candidate: ProbeCandidate) -> tuple[Probe, ...]:
    return (*others_serve(target, candidate), *retry(target, candidate))


def _fault(target: Target) -> Fault:
    return service_down(target, "worker killed", one_of_several(target, "killed"), abruptly=True)


def describe(target: Target) -> Drill:
    """SIGKILL to the last worker; started again after the hold."""
    return Drill(
        activity="worker_loss",
        scenario="one backend worker killed and restarted",
        fault=_fault,
        during=_during,
        cuts_connections=True,
    )
