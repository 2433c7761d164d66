"""One drill from steady state to recovery."""

import time
from dataclasses import replace

from pytest_examday.drills.course import Course, evidence_of
from pytest_examday.drills.drill import Drill, Flaps
from pytest_examday.drills.harm import Limits
from pytest_examday.drills.holding import Holding, holding
from pytest_examday.drills.recovery import measure_recovery, reachable_stores
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.faults.fault import Fault, Held, held
from pytest_examday.load.load_in_processes import Load
from pytest_examday.load.request_figures import figures
from pytest_examday.suites.exam.load.exam_loads import drill_load
from pytest_examday.suites.exam.probes import Continuity
from pytest_examday.suites.exam.sitting import Sitting
from pytest_examday.target.target import Target

_SICK_ERROR_RATE = 0.05
"""A platform that fails more than this before the fault is sick, and no drill is made on it."""


def run_drill(target: Target, drill: Drill) -> DrillEvidence:
    """Run it. Raises Unmeasurable, before anything is touched, where the platform is not in its steady state."""
    profile = target.environment.profile.drill
    fault = drill.fault(target)
    (account,) = target.accounts.take(1)
    sitting = Sitting.begin(target, account)
    target.run.progress.say(f"{drill.activity}: {drill.scenario}; {profile.candidates} candidates working")
    load = drill_load(target, drill.activity, profile)
    with load:
        course = _disturb(target, drill, fault, sitting, load)
        load.finish()
        load.wait(2 * profile.habits.patience_seconds)
    return evidence_of(target, drill, load, course)


def _disturb(target: Target, drill: Drill, fault: Fault, sitting: Sitting, load: Load) -> Course:
    profile = target.environment.profile.drill
    limit = target.environment.thresholds.recovery_seconds
    load.wait_for_work(profile.habits.patience_seconds)
    began = time.time()
    continuity = Continuity.begin(target, sitting) if drill.continues else None
    probes = drill.before(target, sitting)
    time.sleep(profile.steady_seconds)
    _require_steady_state(load)
    stores = reachable_stores(target)
    limits = Limits.of(target.environment, outage=drill.outage, hold_seconds=_hold_seconds(target, drill))
    with holding(target, load, limits) as holder:
        state = hold_fault(target, drill, fault, sitting, holder)
    probes += holder.probes()
    if state.ended_by is not None:
        raise Unmeasurable(f"the fault was taken out before the drill did it, by {state.ended_by}")
    target.run.progress.say(f"{drill.activity}: waiting for recovery, {limit:.0f} s at the most")
    recoveries = measure_recovery(target, sitting, state.removed, limit, stores)
    recovered = time.time()
    probes += drill.after(target, sitting)
    probes += continuity.finish() if continuity is not None else ()
    time.sleep(profile.settle_seconds)
    return Course(state, fault, began, recovered, probes, recoveries, holder.stopped)


def _require_steady_state(load: Load) -> None:
    if not load.alive:
        load.wait(0)
        raise Unmeasurable("the candidates left before the fault was put in")
    before = figures("all", load.samples())
    if before.error_rate is None or before.error_rate > _SICK_ERROR_RATE:
        raise Unmeasurable(
            f"no drill on a sick platform: {before.errors} of {before.judged} requests failed before the fault"
        )


def _hold_seconds(target: Target, drill: Drill) -> float:
    return target.environment.profile.drill.hold_seconds if drill.hold_seconds is None else drill.hold_seconds


def hold_fault(target: Target, drill: Drill, fault: Fault, sitting: Sitting, holder: Holding) -> Held:
    """Once, or again and again. A fault that did not go is not put in once more."""
    seconds = _hold_seconds(target, drill)
    flaps = drill.flaps or Flaps(seconds, 0.0)
    until = time.monotonic() + seconds
    states: list[Held] = []
    while True:
        first = not states
        with held(target, fault, flaps.seconds_in + 2 * target.environment.thresholds.recovery_seconds) as state:
            holder.hold(flaps.seconds_in, state.injected, (lambda: drill.during(target, sitting)) if first else None)
        states.append(state)
        over = time.monotonic() + flaps.seconds_out >= until and len(states) >= flaps.times
        if drill.flaps is None or over or holder.stopped or state.remains or state.ended_by:
            return replace(states[-1], injected=states[0].injected)
        time.sleep(flaps.seconds_out)
