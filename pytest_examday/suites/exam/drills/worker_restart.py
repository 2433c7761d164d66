"""One backend worker restarted in the ordinary way (seed 001): it finishes what it has begun, the others serve."""

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
    return service_down(target, "worker stopped", one_of_several(target, "restarted"), abruptly=False)


def describe(target: Target) -> Drill:
    """SIGTERM to the last worker; started again as soon as the others were seen to serve."""
    return Drill(
        activity="drill_worker_restart",
        scenario="one backend worker restarted",
        fault=_fault,
        during=_during,
        cuts_connections=True,
        continues=True,
        hold_seconds=0.0,
    )
