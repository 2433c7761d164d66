"""Puts a fault in for a while, after its journal line is written and its watchdog is ready; the fault always ends."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pytest_examday import monotonic_clock
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.healing_runtime import healing_runtime
from pytest_examday.faults.journal import (
    DRILL,
    FaultEvent,
    IntendedFault,
    Journal,
)
from pytest_examday.faults.leftovers import journal_of, reported_by_this_run, take_out_leftovers
from pytest_examday.faults.runtime_address import runtime_address_of
from pytest_examday.faults.undo import crash_of_undo
from pytest_examday.faults.watchdog_orders import Orders
from pytest_examday.faults.watchdog_process import Watchdog, running_watchdog
from pytest_examday.target.target import Target

_UNDO_SECONDS = 10.0
"""How long an undo by the watchdog may take."""


@dataclass
class FaultState:
    """The state of a fault while it is in and afterwards.

    `injection_clock` and `removal_clock` are times of `time.monotonic`. `removal_began` and `removal_ended` are
    computed from them, so that a change of the system's clock makes no span of time longer or shorter."""

    went_in: bool = False
    """Whether the fault was put in completely; False if that was interrupted."""
    injected: float = 0.0
    """When the fault was put in, in seconds since the epoch."""
    removal_began: float = 0.0
    """When its removal began, in seconds since the epoch."""
    removal_ended: float = 0.0
    """When its removal ended, in seconds since the epoch."""
    remains: str | None = "the fault was never taken out"
    """What is still wrong; None if the fault is shown to be gone."""
    ended_by: str | None = None
    """Who took the fault out before the drill did, so that the drill measures a longer time than it was in; None if
    the drill took it out."""
    injection_clock: float = field(default_factory=time.monotonic)
    removal_clock: float = 0.0

    def seconds_since_epoch(self, clock: float) -> float:
        """This time of `time.monotonic` in seconds since the epoch."""
        return self.injected + clock - self.injection_clock


@contextmanager
def fault_in_place(target: Target, fault: Fault, lease_seconds: float) -> Iterator[FaultState]:
    """Put the fault in, and take it out when the block ends, however it ends.

    If this process dies, its watchdog takes the fault out at once; in any case after `lease_seconds`. Raises
    Unmeasurable, before anything is touched, if an earlier fault is still in, if the watchdog could not take this one
    out, or if the journal cannot be written.
    """
    take_out_leftovers(target, "the drill after it")
    journal, intended = journal_of(target), _intended(target, fault, lease_seconds)
    orders = Orders.of(target.embedded.attached, str(target.files.directory), intended, lease_seconds)
    orders = orders.model_copy(update={"other_fault_remains": bool(reported_by_this_run(target))})
    with running_watchdog(orders, target.files.logs / "watchdog.log") as watchdog:
        intended = _with_lease_from_now(intended, lease_seconds)
        journal.note(intended)
        # If SIGSTOP held this process until its lease was over, its watchdog has ended or soon will.
        if time.time() >= intended.lease_until or not watchdog.alive:
            journal.note(FaultEvent.of(intended, "out", DRILL))
            raise Unmeasurable("the fault was not put in: its watchdog ended first; see logs/watchdog.log")
        state = FaultState(injected=monotonic_clock.now())
        try:
            target.files.progress.say(_begin_message(fault))
            with _waiting_for_undo_on_crash(watchdog, fault):
                fault.inject()
            journal.note(FaultEvent.of(intended, "in", DRILL))
            state.went_in = True
            yield state
        finally:
            alive = watchdog.alive
            _take_out(target, fault, intended, journal, state)
            if not alive and state.ended_by is None:
                target.files.progress.say(
                    f"the watchdog of {fault.name!r} died while the fault was in; see logs/watchdog.log"
                )
            _release(watchdog, state)


@contextmanager
def _waiting_for_undo_on_crash(watchdog: Watchdog, fault: Fault) -> Iterator[None]:
    """Wait for the end of the watchdog if `inject` crashes.

    The watchdog repeats the undo for as long as the fault may still come. If nobody waited for it, it could undo a
    fault of the next run. An interrupted run does not wait.
    """
    try:
        yield
    except Exception:
        watchdog.wait_for_undo(fault.late_seconds + _UNDO_SECONDS)
        raise


def _release(watchdog: Watchdog, state: FaultState) -> None:
    """End the watchdog if the fault is gone; keep it running if the fault remains.

    If putting the fault in was interrupted, the fault may still come. Then nothing is said to the watchdog. It undoes
    the fault when this process closes the pipe to it.
    """
    if state.went_in and state.remains is None:
        watchdog.report_gone()
    elif state.went_in:
        watchdog.keep_running()


def _intended(target: Target, fault: Fault, lease_seconds: float) -> IntendedFault:
    return IntendedFault(
        t=time.time(),
        id=uuid.uuid4().hex,
        fault=fault.name,
        target=fault.service,
        undo=fault.undo,
        lease_until=time.time() + lease_seconds,
        late_seconds=fault.late_seconds,
        runtime_address=runtime_address_of(target.embedded.attached),
        journal=str(journal_of(target).path),
        owner=target.owner,
        platform_ends_with=target.owner if target.environment.embedded else None,
        lasts=fault.lasts,
    )


def _with_lease_from_now(fault: IntendedFault, lease_seconds: float) -> IntendedFault:
    """The fault with a lease that begins now, because its watchdog took a while to get ready."""
    now = time.time()
    return fault.model_copy(update={"t": now, "lease_until": now + lease_seconds})


def _take_out(target: Target, fault: Fault, intended: IntendedFault, journal: Journal, state: FaultState) -> None:
    state.removal_clock = time.monotonic()
    state.removal_began = state.seconds_since_epoch(state.removal_clock)
    failed = _failure_of_removal(lambda: fault.undo.resolve().carry_out(healing_runtime(target)))
    state.removal_ended = state.seconds_since_epoch(time.monotonic())
    remains = _what_remains(target, fault, failed)
    state.ended_by = journal.read().ended_by(intended.id)
    state.remains = None if remains is None else target.files.redactor.clean(f"{remains}; {intended.by_hand}")
    if state.went_in:
        journal.note(FaultEvent.of(intended, "out" if remains is None else "remains", DRILL, state.remains))
    target.files.progress.say(_end_message(fault, state))
    if state.remains is not None:
        warning = "FAULT NOT SHOWN TO BE GONE" if fault.lasts == "drill" else "NOT SHOWN TO BE UNDONE"
        target.files.progress.say(f"{warning}: {fault.name}: {state.remains}")


def _begin_message(fault: Fault) -> str:
    if fault.lasts == "run":
        return f"for this run: {fault.name}"
    return f"fault in: {fault.name} ({fault.service})"


def _end_message(fault: Fault, state: FaultState) -> str:
    seconds = f"{state.removal_began - state.injected:.1f} s"
    if fault.lasts == "run":
        return f"undone after {seconds}: {fault.name}"
    return f"fault out: {fault.name} after {seconds}"


def _failure_of_removal(remove: Callable[[], None]) -> str | None:
    """Remove the fault; returns why that failed, None if it did not. A failed removal is a result of the drill, so it
    must not end it."""
    try:
        remove()
    except Unmeasurable as reason:
        return str(reason)
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo
        return crash_of_undo(problem)
    return None


def _what_remains(target: Target, fault: Fault, failed: str | None) -> str | None:
    try:
        remains = fault.undo.resolve().remains(healing_runtime(target))
    except Unmeasurable as reason:
        remains = f"it cannot be known whether {fault.service} is back: {reason}"
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo
        remains = f"it cannot be known whether {fault.service} is back: {crash_of_undo(problem)}"
    return "; ".join(filter(None, (remains, failed))) or None
