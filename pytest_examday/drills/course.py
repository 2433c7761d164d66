"""What was seen while a drill ran, as evidence, with before, during and after apart."""

import time
from dataclasses import dataclass

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.integrity import Reconciliation
from pytest_examday.evidence.phases import (
    DrillEvidence,
    Probe,
    Recovery,
    Stage,
)
from pytest_examday.faults.fault import Fault, Held
from pytest_examday.integrity.harmed_actors import harmed_by_findings, harmed_by_waiting
from pytest_examday.integrity.reconcile_ledgers import reconcile_ledgers
from pytest_examday.load.ledger import count
from pytest_examday.load.load_in_processes import Load
from pytest_examday.load.request_figures import by_operation, figures
from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_reading import count_warnings
from pytest_examday.target.target import Target


@dataclass(frozen=True)
class Course:
    """What was seen while the drill ran."""

    held: Held
    fault: Fault
    began: float
    recovered: float
    probes: tuple[Probe, ...]
    recoveries: tuple[Recovery, ...]
    stopped: str | None


def evidence_of(target: Target, drill: Drill, load: Load, course: Course) -> DrillEvidence:
    """All of it; the answers of the drill are compared with what is stored."""
    samples, fates = list(load.samples()), load.fates()
    state = course.held
    reconciliation = _reconciled(target, load.ledgers)
    findings = reconciliation.findings if reconciliation else ()
    warnings = _warnings(target, drill, course)
    longest = drill.longest_wait(target.environment.thresholds.drill_wait_seconds, state.removed - state.injected)
    return DrillEvidence(
        drill=drill.activity,
        scenario=drill.scenario,
        target=course.fault.target,
        cuts_connections=drill.cuts_connections,
        outage=drill.outage,
        stopped=course.stopped,
        injected=state.injected,
        removed=state.removed,
        held_seconds=round(state.removed - state.injected, 3),
        restart_seconds=round(state.removed_fully - state.removed, 3),
        before=_stage("before", course.began, state.injected, [s for s in samples if s.ended <= state.injected]),
        during=_stage("during", state.injected, state.removed_fully, _overlapping(samples, state)),
        after=_stage("after", course.recovered, time.time(), [s for s in samples if s.started >= course.recovered]),
        probes=course.probes,
        warnings_logged=warnings[0],
        warning_sample=warnings[1],
        recoveries=course.recoveries,
        fault_gone=state.remains is None,
        fault_gone_detail=state.remains or _gone(course.fault),
        writes=count(load.writes()),
        reconciliation=reconciliation,
        fates=fates,
        harmed=(
            *harmed_by_waiting(fates, longest, drill.activity),
            *harmed_by_findings(findings, drill.activity),
        ),
        ledgers=tuple(f"ledger/{name}" for name in load.ledgers),
        samples=tuple(f"ledger/{path.name}" for path in load.samples_files),
    )


def _gone(fault: Fault) -> str:
    return f"{fault.target} is as it was, read back from the platform"


def _warnings(target: Target, drill: Drill, course: Course) -> tuple[int | None, str | None]:
    if drill.warnings is None:
        return None, None
    return count_warnings(target.environment, target.runtime, drill.warnings, course.held.injected, course.recovered)


def _reconciled(target: Target, ledgers: tuple[str, ...]) -> Reconciliation | None:
    try:
        return reconcile_ledgers(target, ledgers)
    except Unmeasurable:
        return None  # the gates that rest on it say so


def _overlapping(samples: list[Sample], state: Held) -> list[Sample]:
    return [sample for sample in samples if sample.ended > state.injected and sample.started <= state.removed_fully]


def _stage(name: str, started: float, ended: float, samples: list[Sample]) -> Stage:
    return Stage(
        name=name, started=started, ended=ended, overall=figures("all", samples), operations=by_operation(samples)
    )
