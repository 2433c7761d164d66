"""Makes the evidence of a drill from what was observed, with separate figures before, during and after the fault."""

from dataclasses import dataclass

from pytest_examday import monotonic_clock
from pytest_examday.drills.allowed_wait import allowed_wait
from pytest_examday.drills.drill import Drill
from pytest_examday.drills.workload import Workers, Workload
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence, FaultReading, Recovery
from pytest_examday.evidence.figures import DrillStage, MachineUse
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.fault_in_place import FaultState
from pytest_examday.integrity.harmed_actors import harmed_by_differences, harmed_by_waiting
from pytest_examday.load.ledger import count_writes
from pytest_examday.load.request_figures import figures_by_operation, figures_of
from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_warnings import count_warnings
from pytest_examday.target.target import Target

_FEWEST_REQUESTS = 5
"""The fewest requests whose median means something."""


@dataclass(frozen=True)
class ObservedDrill:
    """What was observed while the drill ran; times are seconds since the epoch."""

    state: FaultState
    fault: Fault
    began: float
    """When the observation of the actors began."""
    recovered: float
    """When everything had recovered, or was no longer waited for."""
    probes: tuple[Probe, ...]
    recoveries: tuple[Recovery, ...]
    stopped: str | None
    readings: tuple[FaultReading, ...]
    workers: Workers
    failed_before: dict[str, str]
    machine: MachineUse | None = None


def evidence_of(target: Target, drill: Drill, workload: Workload, observed: ObservedDrill) -> DrillEvidence:
    """The evidence of a drill whose actors have ended; their writes are compared with what is stored."""
    actors = workload.actors
    samples, fates = list(actors.samples()), workload.fates()
    state = observed.state
    reconciliation, uncompared = _reconciled(workload)
    undisturbed_losses, undisturbed_writes = _undisturbed_losses(workload, reconciliation)
    differences = reconciliation.differences if reconciliation else ()
    warnings = _warnings(target, drill, observed, samples)
    before = _stage("before", observed.began, state.injected, [s for s in samples if s.ended <= state.injected])
    during = _stage("during", state.injected, state.removal_ended, _overlapping(samples, state))
    limit, held = target.environment.thresholds.drill_wait_seconds, state.removal_began - state.injected
    longest = allowed_wait(limit, held, outage=drill.outage)
    return DrillEvidence(
        drill=drill.activity,
        scenario=drill.scenario_in(target.environment),
        target=observed.fault.service,
        cuts_connections=drill.cuts_connections,
        outage=drill.outage,
        stopped_because=observed.stopped,
        injected=state.injected,
        removal_began=state.removal_began,
        held_seconds=round(state.removal_began - state.injected, 3),
        planned_seconds=drill.hold_seconds_in(target.environment),
        readings=(
            *observed.readings,
            *_readings_by_probes(drill, observed),
            *_readings_by_actors(observed.fault, before, during, state),
        ),
        delay_ms=observed.fault.delay_ms,
        restart_seconds=round(state.removal_ended - state.removal_began, 3),
        before=before,
        during=during,
        after=_stage(
            "after", observed.recovered, monotonic_clock.now(), [s for s in samples if s.started >= observed.recovered]
        ),
        undisturbed=workload.figures_of_earlier_load(),
        undisturbed_losses=undisturbed_losses,
        undisturbed_writes=undisturbed_writes,
        failed_before=observed.failed_before,
        probes=observed.probes,
        warnings_logged=warnings[0],
        warning_sample=None if warnings[0] is None else warnings[1],
        warnings_unread=warnings[1] if warnings[0] is None else None,
        recoveries=observed.recoveries,
        absent=workload.absent_operations,
        workers_unwatched=observed.workers.why_unwatched,
        workers_mistaken=observed.workers.name_mistake,
        fault_gone=state.remains is None,
        fault_gone_detail=state.remains or _gone(observed.fault),
        writes=count_writes(actors.writes()),
        reconciliation=reconciliation,
        not_compared_because=uncompared,
        fates=fates,
        harmed=(
            *harmed_by_waiting(fates, longest, drill.activity),
            *harmed_by_differences(differences, drill.activity),
        ),
        ledgers=tuple(f"ledger/{name}" for name in actors.ledgers),
        samples=tuple(f"ledger/{path.name}" for path in actors.samples_files),
        machine=observed.machine,
    )


def _readings_by_probes(drill: Drill, observed: ObservedDrill) -> tuple[FaultReading, ...]:
    """The reading of the probe that observes the effect of the fault, if the drill names one."""
    return tuple(
        FaultReading(observer=f"the probe {probe.name!r}", seconds=0.0, present=probe.passed, detail=probe.detail)
        for probe in observed.probes
        if probe.name == drill.effect_probe
    )


def _readings_by_actors(
    fault: Fault, before: DrillStage, during: DrillStage, state: FaultState
) -> tuple[FaultReading, ...]:
    """The reading of the requests of the actors: whether a delay made them slower. It is of the operation whose median
    rose most."""
    earlier = {
        figures.operation: figures.p50_ms for figures in before.operations if figures.requests >= _FEWEST_REQUESTS
    }
    rises = [
        (figures.p50_ms - before_ms, figures.operation, figures.p50_ms, before_ms)
        for figures in during.operations
        if figures.requests >= _FEWEST_REQUESTS
        and figures.p50_ms is not None
        and (before_ms := earlier.get(figures.operation)) is not None
    ]
    if fault.delay_ms is None or not rises:
        return ()
    rise, operation, during_ms, before_ms = max(rises)
    detail = f"half of the {operation} requests took {during_ms:.0f} ms or longer, before the fault {before_ms:.0f} ms"
    seconds = round(state.removal_began - state.injected, 3)
    return (FaultReading(observer="the actors", seconds=seconds, present=rise >= fault.delay_ms / 2, detail=detail),)


def _gone(fault: Fault) -> str:
    return f"{fault.service} is as it was, read back from the platform"


def _warnings(
    target: Target, drill: Drill, observed: ObservedDrill, samples: list[Sample]
) -> tuple[int | None, str | None]:
    """How many lines of the platform's log warn of the fault, and one of them; None and the reason if logs cannot be
    read."""
    if drill.warnings is None:
        return None, None
    expression = drill.warnings(target)
    if expression is None:
        return None, "nothing says which log lines warn of the fault"
    requests = {name: sample.ended for sample in samples if sample.status is not None for name in sample.ids}
    fault = TimeSpan(observed.state.injected, observed.recovered)
    return count_warnings(target.environment, target.runtime, expression, fault, requests)


def _reconciled(workload: Workload) -> tuple[Reconciliation | None, str | None]:
    """The comparison, or the reason why there is none."""
    try:
        return workload.reconcile(), None
    except Unmeasurable as reason:
        return None, str(reason)


def _undisturbed_losses(workload: Workload, found: Reconciliation | None) -> tuple[int, int]:
    """How many of how many writes were lost without a fault; nothing is compared if the drill lost nothing."""
    if found is None or found.losses == 0:
        return 0, 0
    try:
        return workload.losses_of_earlier_load()
    except Unmeasurable:
        return 0, 0  # without a comparison every loss is the drill's


def _overlapping(samples: list[Sample], state: FaultState) -> list[Sample]:
    return [sample for sample in samples if sample.ended > state.injected and sample.started <= state.removal_ended]


def _stage(name: str, started: float, ended: float, samples: list[Sample]) -> DrillStage:
    return DrillStage(
        name=name,
        started=started,
        ended=ended,
        overall=figures_of("all", samples),
        operations=figures_by_operation(samples),
    )
