"""Makes the evidence of a drill from what was observed, with separate figures before, during and after the fault."""

import time
from dataclasses import dataclass

from pytest_examday.drills.drill import Drill
from pytest_examday.drills.workload import Workload
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_outcome import DrillEvidence, Recovery
from pytest_examday.evidence.figures import Stage
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.held_fault import FaultState
from pytest_examday.integrity.harmed_actors import harmed_by_findings, harmed_by_waiting
from pytest_examday.load.ledger import count
from pytest_examday.load.request_figures import by_operation, figures
from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_reading import count_warnings
from pytest_examday.target.target import Target


@dataclass(frozen=True)
class Observed:
    """What was observed while the drill ran; times are seconds since the epoch."""

    state: FaultState
    fault: Fault
    began: float
    recovered: float
    probes: tuple[Probe, ...]
    recoveries: tuple[Recovery, ...]
    stopped: str | None


def evidence_of(target: Target, drill: Drill, workload: Workload, observed: Observed) -> DrillEvidence:
    """The evidence of a drill whose actors have ended; their writes are compared with what is stored."""
    actors = workload.actors
    samples, fates = list(actors.samples()), actors.fates()
    state = observed.state
    reconciliation, uncompared = _reconciled(workload)
    findings = reconciliation.findings if reconciliation else ()
    warnings = _warnings(target, drill, observed)
    longest = drill.longest_wait(target.environment.thresholds.drill_wait_seconds, state.removed - state.injected)
    return DrillEvidence(
        drill=drill.activity,
        scenario=drill.scenario_in(target.environment),
        target=observed.fault.service,
        cuts_connections=drill.cuts_connections,
        outage=drill.outage,
        stopped=observed.stopped,
        injected=state.injected,
        removed=state.removed,
        held_seconds=round(state.removed - state.injected, 3),
        restart_seconds=round(state.removed_fully - state.removed, 3),
        before=_stage("before", observed.began, state.injected, [s for s in samples if s.ended <= state.injected]),
        during=_stage("during", state.injected, state.removed_fully, _overlapping(samples, state)),
        after=_stage("after", observed.recovered, time.time(), [s for s in samples if s.started >= observed.recovered]),
        probes=observed.probes,
        warnings_logged=warnings[0],
        warning_sample=warnings[1],
        recoveries=observed.recoveries,
        fault_gone=state.remains is None,
        fault_gone_detail=state.remains or _gone(observed.fault),
        writes=count(actors.writes()),
        reconciliation=reconciliation,
        uncompared=uncompared,
        fates=fates,
        harmed=(
            *harmed_by_waiting(fates, longest, drill.activity),
            *harmed_by_findings(findings, drill.activity),
        ),
        ledgers=tuple(f"ledger/{name}" for name in actors.ledgers),
        samples=tuple(f"ledger/{path.name}" for path in actors.samples_files),
    )


def _gone(fault: Fault) -> str:
    return f"{fault.service} is as it was, read back from the platform"


def _warnings(target: Target, drill: Drill, observed: Observed) -> tuple[int | None, str | None]:
    """How many lines of the platform's log warn of the fault, and one of them; None and the reason if logs cannot be
    read."""
    expression = None if drill.warnings is None else drill.warnings(target)
    if expression is None:
        return None, None
    return count_warnings(target.environment, target.runtime, expression, observed.state.injected, observed.recovered)


def _reconciled(workload: Workload) -> tuple[Reconciliation | None, str | None]:
    """The comparison, or the reason why there is none."""
    try:
        return workload.reconcile(), None
    except Unmeasurable as reason:
        return None, str(reason)


def _overlapping(samples: list[Sample], state: FaultState) -> list[Sample]:
    return [sample for sample in samples if sample.ended > state.injected and sample.started <= state.removed_fully]


def _stage(name: str, started: float, ended: float, samples: list[Sample]) -> Stage:
    return Stage(
        name=name, started=started, ended=ended, overall=figures("all", samples), operations=by_operation(samples)
    )
