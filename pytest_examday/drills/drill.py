"""One drill from steady state to recovery, with before, during and after judged apart."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.drills.fault import Fault, Held, held
from pytest_examday.drills.recovery import measure_recovery
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.integrity import Reconciliation
from pytest_examday.evidence.phases import DrillEvidence, Probe, Recovery, Stage
from pytest_examday.integrity.harm import harmed_by_findings, harmed_by_waiting
from pytest_examday.integrity.ledgers import reconcile_ledgers
from pytest_examday.load.crowd import drill_load
from pytest_examday.load.figures import by_operation, figures
from pytest_examday.load.handle import Load
from pytest_examday.load.ledger import count
from pytest_examday.load.samples import Sample
from pytest_examday.observe.logs import count_warnings
from pytest_examday.site import Site
from pytest_examday.sitting import Sitting

_SICK_ERROR_RATE = 0.05
"""A platform that fails more than this before the fault is sick, and no drill is made on it."""

Probing = Callable[[Site, Sitting], tuple[Probe, ...]]


def no_probes(site: Site, sitting: Sitting) -> tuple[Probe, ...]:
    """For a drill that needs none at this point."""
    return ()


@dataclass(frozen=True)
class Drill:
    """A scenario of seeds 001 and 002: the fault, and what is tried before, during and after it.

    `cuts_all` says that nobody can be answered while the fault is in: the wait for its end is the drill's own doing,
    and only what a candidate waits beyond it is harm.
    """

    activity: str
    scenario: str
    fault: Callable[[Site], Fault]
    before: Probing = no_probes
    during: Probing = no_probes
    after: Probing = no_probes
    warnings: str | None = None
    cuts_connections: bool = False
    cuts_all: bool = False

    def longest_wait(self, limit_seconds: float, held_seconds: float) -> float:
        """Seconds that a candidate may wait on one action while this drill runs; beyond them it is harm."""
        return limit_seconds + (held_seconds if self.cuts_all else 0.0)


@dataclass(frozen=True)
class _Course:
    """What was seen while the drill ran."""

    held: Held
    fault: Fault
    began: float
    recovered: float
    probes: tuple[Probe, ...]
    recoveries: tuple[Recovery, ...]


def run_drill(site: Site, drill: Drill) -> DrillEvidence:
    """Run it. Raises Unmeasurable, before anything is touched, where the platform is not in its steady state."""
    profile = site.environment.profile.drill
    fault = drill.fault(site)
    (account,) = site.take_accounts(1)
    sitting = Sitting.begin(site, account)
    site.progress.say(f"{drill.activity}: {drill.scenario}; {profile.candidates} candidates working")
    load = drill_load(site, drill.activity, profile)
    with load:
        course = _disturb(site, drill, fault, sitting, load)
        load.finish()
        load.wait(2 * profile.habits.patience_seconds)
    return _evidence(site, drill, load, course)


def _disturb(site: Site, drill: Drill, fault: Fault, sitting: Sitting, load: Load) -> _Course:
    profile = site.environment.profile.drill
    limit = site.environment.thresholds.recovery_seconds
    load.wait_for_work(profile.habits.patience_seconds)
    began = time.time()
    probes = drill.before(site, sitting)
    time.sleep(profile.steady_seconds)
    _require_steady_state(load)
    lease = profile.hold_seconds + 2 * limit
    with held(site, fault, lease) as state:
        probes += _while_holding(site, drill, sitting, profile.hold_seconds)
    if state.ended_by is not None:
        raise Unmeasurable(f"the fault was taken out before the drill did it, by {state.ended_by}")
    site.progress.say(f"{drill.activity}: waiting for recovery, {limit:.0f} s at the most")
    recoveries = measure_recovery(site, sitting, state.removed, limit)
    recovered = time.time()
    probes += drill.after(site, sitting)
    time.sleep(profile.settle_seconds)
    return _Course(state, fault, began, recovered, probes, recoveries)


def _require_steady_state(load: Load) -> None:
    if not load.alive:
        load.wait(0)
        raise Unmeasurable("the candidates left before the fault was put in")
    before = figures("all", load.samples())
    if before.error_rate is None or before.error_rate > _SICK_ERROR_RATE:
        raise Unmeasurable(
            f"no drill on a sick platform: {before.errors} of {before.judged} requests failed before the fault"
        )


def _while_holding(site: Site, drill: Drill, sitting: Sitting, seconds: float) -> tuple[Probe, ...]:
    until = time.time() + seconds
    probes = drill.during(site, sitting)
    time.sleep(max(0.0, until - time.time()))
    return probes


def _evidence(site: Site, drill: Drill, load: Load, course: _Course) -> DrillEvidence:
    samples, fates = list(load.samples()), load.fates()
    state = course.held
    reconciliation = _reconciled(site, load.ledgers)
    findings = reconciliation.findings if reconciliation else ()
    warnings = _warnings(site, drill, course)
    longest = drill.longest_wait(site.environment.thresholds.drill_wait_seconds, state.removed - state.injected)
    return DrillEvidence(
        drill=drill.activity,
        scenario=drill.scenario,
        target=course.fault.target,
        cuts_connections=drill.cuts_connections,
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
        fault_gone_detail=state.remains or f"{course.fault.target} is running",
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


def _warnings(site: Site, drill: Drill, course: _Course) -> tuple[int | None, str | None]:
    if drill.warnings is None:
        return None, None
    return count_warnings(site, drill.warnings, course.held.injected, course.recovered)


def _reconciled(site: Site, ledgers: tuple[str, ...]) -> Reconciliation | None:
    try:
        return reconcile_ledgers(site, ledgers)
    except Unmeasurable:
        return None  # the gates that rest on it say so


def _overlapping(samples: list[Sample], state: Held) -> list[Sample]:
    return [sample for sample in samples if sample.ended > state.injected and sample.started <= state.removed_fully]


def _stage(name: str, started: float, ended: float, samples: list[Sample]) -> Stage:
    return Stage(
        name=name, started=started, ended=ended, overall=figures("all", samples), operations=by_operation(samples)
    )
