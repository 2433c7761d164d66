"""Runs one drill, from the steady state before the fault to the recovery after it."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from pytest_examday.drills.drill import Drill, Flaps
from pytest_examday.drills.fault_observation import observers_of
from pytest_examday.drills.harm_monitor import StopRule
from pytest_examday.drills.observed_drill import ObservedDrill, evidence_of
from pytest_examday.drills.platform_watch import FaultWatch, platform_watch
from pytest_examday.drills.recovery import failures_before_fault, measure_recovery
from pytest_examday.drills.watched_services import reachable
from pytest_examday.drills.workload import Actors, Workload
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.fault_in_place import FaultState, fault_in_place
from pytest_examday.load.request_figures import figures_of
from pytest_examday.monotonic_clock import now
from pytest_examday.observe.machine_watch import MachineWatch
from pytest_examday.target.own_processes import own_processes
from pytest_examday.target.target import Target

_STEADY_ERROR_RATE = 0.05
"""The share of requests (0 to 1) that may fail before the fault. If more fail, the platform is not in its steady
state, and no fault is put in."""


def run_drill(target: Target, drill: Drill, workload_of: Callable[[Target, Drill], Workload]) -> DrillEvidence:
    """Run the drill with the workload of its suite.

    `workload_of` makes the workload, whose actors are not started yet. Raises Unmeasurable, before the fault is put in,
    if the platform is not in its steady state; and if something else takes the fault out before the drill does."""
    profile = target.environment.profile.drill
    fault = drill.fault(target)
    workload = workload_of(target, drill)
    target.files.progress.say(
        f"{drill.activity}: {drill.scenario_in(target.environment)}; {workload.actors_in_words} working"
    )
    roots = own_processes(target)
    machine = None if roots is None else MachineWatch(roots)
    with machine or nullcontext(), workload.actors as actors:
        observed = _observe_fault(target, drill, fault, workload)
        actors.finish()
        actors.wait(2 * profile.habits.patience_seconds)
    used = None if machine is None else machine.figures()
    return evidence_of(target, drill, workload, replace(observed, machine=used))


def _observe_fault(target: Target, drill: Drill, fault: Fault, workload: Workload) -> ObservedDrill:
    profile = target.environment.profile.drill
    recovery_limit = target.environment.thresholds.recovery_seconds
    workload.actors.wait_for_work(profile.habits.patience_seconds)
    began = now()
    continued = workload.begin_work() if drill.continues else None
    failed_before = failures_before_fault(workload)
    probes = drill.before(target, workload.prober)
    time.sleep(profile.steady_seconds)
    _require_steady_state(workload.actors)
    stores = reachable(workload.stores())
    workers = workload.workers()
    for sense in fault.senses:
        sense.prepare()
    stop_rule = StopRule.of(
        target.environment, outage=drill.outage, hold_seconds=drill.hold_seconds_in(target.environment)
    )
    observers = observers_of(fault, target.runtime)
    with platform_watch(target.files.progress, workload, stop_rule, observers) as watch:
        state = inject_and_wait(target, drill, fault, workload.prober, watch)
    probes += watch.probes()
    if state.ended_by is not None:
        raise Unmeasurable(f"the fault was taken out before the drill did it, by {state.ended_by}")
    target.files.progress.say(f"{drill.activity}: waiting for recovery, {recovery_limit:.0f} s at the most")
    recoveries = measure_recovery(workload, stores, workers, state.removal_clock, recovery_limit)
    recovered = now()
    probes += drill.after(target, workload.prober)
    probes += continued.finish() if continued is not None else ()
    time.sleep(profile.settle_seconds)
    return ObservedDrill(
        state, fault, began, recovered, probes, recoveries, watch.harm, tuple(watch.readings), workers, failed_before
    )


def _require_steady_state(actors: Actors) -> None:
    if not actors.alive:
        actors.wait(0)
        raise Unmeasurable("the actors ended before the fault was put in")
    before = figures_of("all", actors.samples())
    if before.error_rate is None or before.error_rate > _STEADY_ERROR_RATE:
        raise Unmeasurable(
            "no drill on a platform that is not in its steady state: "
            f"{before.errors} of {before.judged} requests failed before the fault"
        )


def inject_and_wait(target: Target, drill: Drill, fault: Fault, prober: Any, watch: FaultWatch) -> FaultState:
    """Put the fault in once, or several times if it flaps, and wait while it is in. A fault that remains is not put in
    again."""
    seconds = drill.hold_seconds_in(target.environment)
    flaps = drill.flaps or Flaps(seconds, 0.0)
    deadline = time.monotonic() + seconds
    states: list[FaultState] = []
    while True:
        first = not states
        with fault_in_place(
            target, fault, flaps.seconds_in + 2 * target.environment.thresholds.recovery_seconds
        ) as state:
            watch.wait(flaps.seconds_in, state.injected, (lambda: drill.during(target, prober)) if first else None)
        states.append(state)
        over = time.monotonic() + flaps.seconds_out >= deadline and len(states) >= flaps.times
        if drill.flaps is None or over or watch.harm or watch.gone_by_itself or state.remains or state.ended_by:
            return replace(states[-1], injected=states[0].injected)
        time.sleep(flaps.seconds_out)
