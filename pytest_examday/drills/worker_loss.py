"""One backend worker killed and started again (seed 000, phase 3 B): the others serve, clients retry safely."""

from pytest_examday.drills.drill import Drill, run_drill
from pytest_examday.drills.fault import Fault, service_down
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.phases import DrillEvidence, Probe
from pytest_examday.site import Site
from pytest_examday.sitting import Sitting, probe

_FRESH_CONNECTIONS = 12


def _during(site: Site, sitting: Sitting) -> tuple[Probe, ...]:
    """Fresh connections all answer; what a client sends twice because it heard nothing counts once."""
    ready = [site.api.call("ready", timeout=5) for _ in range(_FRESH_CONNECTIONS)]
    good = sum(reply.accepted for reply in ready)
    others = Probe(
        name="others serve",
        passed=good == len(ready),
        detail=f"{good} of {len(ready)} fresh connections were served",
    )
    opened = sitting.open()
    if not sitting.questions:
        return (others, probe("retry", opened, False))
    first = sitting.answer()
    question, value = next(iter(sitting.given.items()), (sitting.questions[0]["id"], ""))
    again = sitting.repeat_answer(question, value)
    submits = [sitting.submit(), sitting.submit()]
    safe = first.accepted and again.accepted and submits[0].accepted
    safe = safe and submits[1].find("score") == submits[0].find("score")
    detail = f"answer: {first}, again: {again}; submit: {submits[0]}, again: {submits[1]}"
    return (others, probe("retry", again, safe, detail))


def _fault(site: Site) -> Fault:
    workers = site.runtime.workers()
    if len(workers) < 2:
        raise Unmeasurable(f"one of several workers is to be killed, and the platform has {len(workers)}")
    return service_down(site, "worker killed", workers[-1], abruptly=True)


def gather(site: Site) -> DrillEvidence:
    """SIGKILL to the last worker; started again after the hold."""
    drill = Drill(
        activity="worker_loss",
        scenario="one backend worker killed and restarted",
        fault=_fault,
        during=_during,
        cuts_connections=True,
    )
    return run_drill(site, drill)
