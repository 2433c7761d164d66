"""Puts a fault in for a while, after its journal line is written and its watchdog is ready; the fault always ends."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

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
from pytest_examday.faults.watchdog_orders import Orders
from pytest_examday.faults.watchdog_process import Watchdog, running_watchdog
from pytest_examday.target.target import Target

_ACT_SECONDS = 10.0


@dataclass
class FaultState:
    """The state of a fault while it is in and afterwards; times are seconds since the epoch, but for those called
    clock, which are of `time.monotonic`. The others are computed from them, so that a clock that is set meanwhile makes
    no span of time longer or shorter.

    `went_in` is False if putting it in was interrupted. `removal_began` and `removal_ended` are the times of its
    removal. `remains` says what is still wrong, None if the fault is shown to be gone. `ended_by` names
    whoever took it out before the drill did: then it was in for less time than the drill measures."""

    went_in: bool = False
    injected: float = 0.0
    removal_began: float = 0.0
    removal_ended: float = 0.0
    remains: str | None = "the fault was never taken out"
    ended_by: str | None = None
    injection_clock: float = field(default_factory=time.monotonic)
    removal_clock: float = 0.0

    def moment_of(self, clock: float) -> float:
        """The moment of this clock in seconds since the epoch."""
        return self.injected + clock - self.injection_clock


@contextmanager
def fault_held(target: Target, fault: Fault, lease_seconds: float) -> Iterator[FaultState]:
    """Put the fault in, and take it out when the block ends, however it ends.

    If this process dies, its watchdog takes the fault out at once; in any case after `lease_seconds`. Raises
    Unmeasurable, before anything is touched, if an earlier fault is still in, if the watchdog could not take this one
    out, or if the journal cannot be written.
    """
    take_out_leftovers(target, "the drill after it")
    journal, intended = journal_of(target), _intended(target, fault, lease_seconds)
    orders = Orders.of(target.embedded.attached, str(target.run.directory), intended, lease_seconds)
    orders = orders.model_copy(update={"other_fault_remains": bool(reported_by_this_run(target))})
    with running_watchdog(orders, target.run.logs / "watchdog.log") as watchdog:
        intended = _from_now(intended, lease_seconds)
        journal.note(intended)
        # If SIGSTOP held this process until its lease was over, its watchdog has ended or soon will.
        if time.time() >= intended.lease_until or not watchdog.alive:
            journal.note(_happened("out", intended))
            raise Unmeasurable("the fault was not put in: its watchdog ended first; see logs/watchdog.log")
        state = FaultState(injected=monotonic_clock.now())
        try:
            target.run.progress.say(_begun(fault))
            with _waiting_for_undo_on_crash(watchdog, fault):
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


@contextmanager
def _waiting_for_undo_on_crash(watchdog: Watchdog, fault: Fault) -> Iterator[None]:
    """If putting the fault in crashes, have the end of the watchdog waited for. It undoes the fault for as long as the
    fault may still come, and would otherwise undo a fault of the next run. An interrupted run waits for nothing."""
    try:
        yield
    except Exception:
        watchdog.wait_for_undo(fault.late_seconds + _ACT_SECONDS)
        raise


def _release(watchdog: Watchdog, state: FaultState) -> None:
    """End the watchdog if the fault is gone; keep it running if the fault remains.

    If putting the fault in was interrupted, the fault may still come. Then the watchdog is told neither, and undoes the
    fault now.
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


def _from_now(fault: IntendedFault, lease_seconds: float) -> IntendedFault:
    """The fault with a lease that begins now, because its watchdog took a while to get ready."""
    now = time.time()
    return fault.model_copy(update={"t": now, "lease_until": now + lease_seconds})


def _happened(event: Literal["in", "out", "remains"], fault: IntendedFault, remains: str | None = None) -> FaultEvent:
    return FaultEvent(
        event=event, t=time.time(), id=fault.id, fault=fault.fault, target=fault.target, by=DRILL, remains=remains
    )


def _take_out(target: Target, fault: Fault, intended: IntendedFault, journal: Journal, state: FaultState) -> None:
    state.removal_clock = time.monotonic()
    state.removal_began = state.moment_of(state.removal_clock)
    failed = _failure_of(lambda: fault.undo.resolve().carry_out(healing_runtime(target)))
    state.removal_ended = state.moment_of(time.monotonic())
    remains = _what_remains(target, fault, failed)
    state.ended_by = journal.read().ended_by(intended.id)
    state.remains = None if remains is None else target.run.redactor.clean(f"{remains}; {intended.by_hand}")
    if state.went_in:
        journal.note(_happened("out" if remains is None else "remains", intended, state.remains))
    target.run.progress.say(_ended(fault, state))
    if state.remains is not None:
        what = "FAULT NOT SHOWN TO BE GONE" if fault.lasts == "drill" else "NOT SHOWN TO BE UNDONE"
        target.run.progress.say(f"{what}: {fault.name}: {state.remains}")


def _begun(fault: Fault) -> str:
    if fault.lasts == "run":
        return f"for this run: {fault.name}"
    return f"fault in: {fault.name} ({fault.service})"


def _ended(fault: Fault, state: FaultState) -> str:
    seconds = f"{state.removal_began - state.injected:.1f} s"
    if fault.lasts == "run":
        return f"undone after {seconds}: {fault.name}"
    return f"fault out: {fault.name} after {seconds}"


def _failure_of(remove: Callable[[], None]) -> str | None:
    """Remove the fault; returns why that failed, None if it did not. A failed removal is a result of the drill, so it
    must not end it."""
    try:
        remove()
    except Unmeasurable as reason:
        return str(reason)
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo
        return f"{type(problem).__name__} in the runtime or the undo"
    return None


def _what_remains(target: Target, fault: Fault, failed: str | None) -> str | None:
    try:
        remains = fault.undo.resolve().remains(healing_runtime(target))
    except Unmeasurable as reason:
        remains = f"nobody can tell whether {fault.service} is back: {reason}"
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo
        remains = (
            f"nobody can tell whether {fault.service} is back: {type(problem).__name__} in the runtime or the undo"
        )
    return "; ".join(filter(None, (remains, failed))) or None
