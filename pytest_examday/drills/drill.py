"""One drill from steady state to recovery, with before, during and after judged apart."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from pytest_examday.drills.fault import Fault, Held, held
from pytest_examday.drills.harm import Limits
from pytest_examday.drills.holding import Holding, holding
from pytest_examday.drills.probes import Continuity
from pytest_examday.drills.recovery import measure_recovery, reachable_stores
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


def brief(site: Site) -> float:
    """Seconds for which people may be left without an answer: as the profile says, and half of what harms them at the
    most, because somebody who has waited that long has to be served too."""
    environment = site.environment
    return min(environment.profile.drill.hold_seconds, environment.thresholds.drill_wait_seconds / 2)


class Flaps(NamedTuple):
    """A fault that comes and goes: seconds in, seconds out, until the time of the drill is over and it came that often.

    Once would be no flapping, however long it takes to put it in.
    """

    seconds_in: float
    seconds_out: float
    times: int = 2


@dataclass(frozen=True)
class Drill:
    """A scenario of seeds 001 and 002: the fault, and what is tried before, during and after it.

    `fault` asks the runtime whether it can be done, before anything is touched. `outage`: nobody can be served while
    it is in, so that the wait for its end is the drill's own doing, and only what a candidate waits beyond it is
    harm. `continues`: an exam begun before it is finished after it. Without `hold_seconds` it is held as long as the
    profile says; 0 is a plain restart, which lasts as long as what is tried `during`.
    """

    activity: str
    scenario: str
    fault: Callable[[Site], Fault]
    before: Probing = no_probes
    during: Probing = no_probes
    after: Probing = no_probes
    warnings: str | None = None
    cuts_connections: bool = False
    outage: bool = False
    continues: bool = False
    hold_seconds: float | None = None
    flaps: Flaps | None = None

    def longest_wait(self, limit_seconds: float, held_seconds: float) -> float:
        """Seconds that a candidate may wait on one action while this drill runs; beyond them it is harm."""
        return limit_seconds + (held_seconds if self.outage else 0.0)


@dataclass(frozen=True)
class _Course:
    """What was seen while the drill ran."""

    held: Held
    fault: Fault
    began: float
    recovered: float
    probes: tuple[Probe, ...]
    recoveries: tuple[Recovery, ...]
    stopped: str | None


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
    continuity = Continuity.begin(site, sitting) if drill.continues else None
    probes = drill.before(site, sitting)
    time.sleep(profile.steady_seconds)
    _require_steady_state(load)
    stores = reachable_stores(site)
    limits = Limits.of(site.environment, outage=drill.outage, hold_seconds=_hold_seconds(site, drill))
    with holding(site, load, limits) as holder:
        state = hold_fault(site, drill, fault, sitting, holder)
    probes += holder.probes()
    if state.ended_by is not None:
        raise Unmeasurable(f"the fault was taken out before the drill did it, by {state.ended_by}")
    site.progress.say(f"{drill.activity}: waiting for recovery, {limit:.0f} s at the most")
    recoveries = measure_recovery(site, sitting, state.removed, limit, stores)
    recovered = time.time()
    probes += drill.after(site, sitting)
    probes += continuity.finish() if continuity is not None else ()
    time.sleep(profile.settle_seconds)
    return _Course(state, fault, began, recovered, probes, recoveries, holder.stopped)


def _require_steady_state(load: Load) -> None:
    if not load.alive:
        load.wait(0)
        raise Unmeasurable("the candidates left before the fault was put in")
    before = figures("all", load.samples())
    if before.error_rate is None or before.error_rate > _SICK_ERROR_RATE:
        raise Unmeasurable(
            f"no drill on a sick platform: {before.errors} of {before.judged} requests failed before the fault"
        )


def _hold_seconds(site: Site, drill: Drill) -> float:
    return site.environment.profile.drill.hold_seconds if drill.hold_seconds is None else drill.hold_seconds


def hold_fault(site: Site, drill: Drill, fault: Fault, sitting: Sitting, holder: Holding) -> Held:
    """Once, or again and again. A fault that did not go is not put in once more."""
    seconds = _hold_seconds(site, drill)
    flaps = drill.flaps or Flaps(seconds, 0.0)
    until = time.monotonic() + seconds
    states: list[Held] = []
    while True:
        first = not states
        with held(site, fault, flaps.seconds_in + 2 * site.environment.thresholds.recovery_seconds) as state:
            holder.hold(flaps.seconds_in, state.injected, (lambda: drill.during(site, sitting)) if first else None)
        states.append(state)
        over = time.monotonic() + flaps.seconds_out >= until and len(states) >= flaps.times
        if drill.flaps is None or over or holder.stopped or state.remains or state.ended_by:
            return replace(states[-1], injected=states[0].injected)
        time.sleep(flaps.seconds_out)


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
