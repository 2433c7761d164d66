"""Holding a fault for a while: journal and watchdog before it goes in, and a certain end."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.coordinates import coordinates_of
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.journal import (
    DRILL,
    Happened,
    Intended,
    Journal,
)
from pytest_examday.faults.leftovers import journal_of, take_out_leftovers, told_by_this_run
from pytest_examday.faults.watchdog_orders import Orders
from pytest_examday.faults.watchdog_process import Watchdog, watched
from pytest_examday.target.target import Target


@dataclass
class FaultState:
    """A fault while it is in, and afterwards; times are seconds since the epoch.

    `went_in` is False where putting it in was interrupted; `ended_by` names who took it out before the drill did:
    then it was not held as long as the drill thinks.
    """

    went_in: bool = False
    injected: float = 0.0
    removed: float = 0.0
    removed_fully: float = 0.0
    remains: str | None = "the fault was never taken out"
    ended_by: str | None = None


@contextmanager
def held(target: Target, fault: Fault, lease_seconds: float) -> Iterator[FaultState]:
    """Put the fault in; it is taken out when the block ends, however it ends.

    Where this process does not live to do it, its watchdog does at once; at the latest after `lease_seconds`.
    Raises Unmeasurable, before anything is touched, where an earlier fault is still in, the watchdog could not
    take this one out, or the journal cannot be written.
    """
    take_out_leftovers(target, "the drill after it")
    journal, intended = journal_of(target), _intended(target, fault, lease_seconds)
    orders = Orders.of(target.embedded.attached, str(target.run.directory), intended, lease_seconds)
    orders = orders.model_copy(update={"known_to_be_wrong": bool(told_by_this_run(target))})
    with watched(orders, target.run.logs / "watchdog.log") as watchdog:
        intended = _from_now(intended, lease_seconds)
        journal.note(intended)
        # This process may have stood still until the lease was over, when its watchdog ends or is about to.
        if time.time() >= intended.lease_until or not watchdog.alive:
            journal.note(_happened("out", intended))
            raise Unmeasurable("no fault is put in, its watchdog ended before it went in")
        state = FaultState(injected=time.time())
        try:
            target.run.progress.say(f"fault in: {fault.name} ({fault.target})")
            fault.inject()
            journal.note(_happened("in", intended))
            state.went_in = True
            yield state
        finally:
            alive = watchdog.alive
            _take_out(target, fault, intended, journal, state)
            if not alive and state.ended_by is None:
                target.run.progress.say(
                    f"the watchdog of {fault.name!r} died while the fault was in; see logs/watchdog.log"
                )
            _release(watchdog, state)


def _release(watchdog: Watchdog, state: FaultState) -> None:
    """A watchdog that is neither dismissed nor told to stay acts now: it makes sure of a fault that was interrupted
    while it went in, and may still come."""
    if state.went_in and state.remains is None:
        watchdog.dismiss()
    elif state.went_in:
        watchdog.stay()


def _intended(target: Target, fault: Fault, lease_seconds: float) -> Intended:
    return Intended(
        t=time.time(),
        id=uuid.uuid4().hex,
        fault=fault.name,
        target=fault.target,
        undo=fault.undo,
        lease_until=time.time() + lease_seconds,
        late_seconds=fault.late_seconds,
        coordinates=coordinates_of(target.embedded.attached),
        journal=str(journal_of(target).path),
        owner=target.owner,
        dies_with=target.owner if target.environment.embedded else None,
    )


def _from_now(fault: Intended, lease_seconds: float) -> Intended:
    """Its watchdog took a while to get ready; the lease runs from now."""
    now = time.time()
    return fault.model_copy(update={"t": now, "lease_until": now + lease_seconds})


def _happened(event: Literal["in", "out", "remains"], fault: Intended, remains: str | None = None) -> Happened:
    return Happened(
        event=event, t=time.time(), id=fault.id, fault=fault.fault, target=fault.target, by=DRILL, remains=remains
    )


def _take_out(target: Target, fault: Fault, intended: Intended, journal: Journal, state: FaultState) -> None:
    state.removed = time.time()
    failed = _failure_of(lambda: fault.undo.resolve().carry_out(target.runtime))
    state.removed_fully = time.time()
    remains = _what_remains(target, fault, failed)
    state.ended_by = journal.read().ended_by(intended.id)
    state.remains = None if remains is None else target.run.redactor.clean(f"{remains}; {intended.by_hand}")
    if state.went_in:
        journal.note(_happened("out" if remains is None else "remains", intended, state.remains))
    target.run.progress.say(f"fault out: {fault.name} after {state.removed - state.injected:.1f} s")
    if state.remains is not None:
        target.run.progress.say(f"FAULT NOT SHOWN TO BE GONE: {fault.name}: {state.remains}")


def _failure_of(remove: Callable[[], None]) -> str | None:
    """A removal that fails must not end the drill: that the platform did not come back is what it has to tell."""
    try:
        remove()
    except Unmeasurable as reason:
        return str(reason)
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo
        return f"{type(problem).__name__} in the runtime or the undo"
    return None


def _what_remains(target: Target, fault: Fault, failed: str | None) -> str | None:
    try:
        remains = fault.undo.resolve().remains(target.runtime)
    except Unmeasurable as reason:
        remains = f"nobody can tell whether {fault.target} is back: {reason}"
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo
        remains = f"nobody can tell whether {fault.target} is back: {type(problem).__name__} in the runtime or the undo"
    return "; ".join(filter(None, (remains, failed))) or None
