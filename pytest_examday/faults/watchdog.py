"""The watchdog: a process that takes a fault out if the process that put it in is gone, or if its lease has ended.

It is started as `python -m pytest_examday.faults.watchdog`, in a session of its own, so that neither Ctrl-C at the
terminal nor the end of pytest ends it. It reads its orders from standard input, and later the word `gone`, once the
fault is shown to be gone. If the input ends without that word, pytest has ended."""

import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.healing import copy_of, heal_patiently
from pytest_examday.faults.healing_runtime import healing_runtime
from pytest_examday.faults.journal import IntendedFault, Journal
from pytest_examday.faults.runtime_address import platform_has_ended
from pytest_examday.faults.undo import crash_of_undo
from pytest_examday.faults.watchdog_orders import Orders
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.target.target import Target

READY, GONE = b"ready\n", b"gone\n"
_POLL_SECONDS = 0.25
_PATIENCE_SECONDS = 300.0
"""How long it tries to take a fault out."""
_PLATFORM_END_SECONDS = 45.0

Reason = Literal["the fault is gone", "pytest is gone", "the lease ran out", "it was told to end"]


class WatchdogInput:
    """Reads standard input, and waits for a reason to undo the fault or for the word that it is gone."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._received = b""
        self._ended = False
        self._told_to_end = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._end)

    def _end(self, number: int, frame: object) -> None:
        self._told_to_end = True

    def line(self) -> bytes:
        """The next line of standard input; without its line break if the input ends inside of it."""
        while b"\n" not in self._received and not self._ended:
            self._listen(None)
        line, newline, self._received = self._received.partition(b"\n")
        return line + newline

    def wait(self, lease_seconds: float) -> Reason:
        """Wait until one of the reasons holds, and return it."""
        deadline = time.monotonic() + lease_seconds
        while True:
            self._listen(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic())))
            if self._received.startswith(GONE):
                return "the fault is gone"
            # A process that pytest forked may hold the pipe open, so the parent's pid is checked as well.
            if self._ended or os.getppid() != self._parent:
                return "pytest is gone"
            if self._told_to_end:
                return "it was told to end"
            if time.monotonic() >= deadline:
                return "the lease ran out"

    def _listen(self, seconds: float | None) -> None:
        readable, _, _ = select.select([0], [], [], seconds)
        if readable and not self._ended:
            data = os.read(0, 65_536)
            self._received += data
            self._ended = not data


def main() -> int:
    """Watch over one fault. Returns the exit status: 0 if the fault is shown to be gone, 1 if it is not, 2
    without orders."""
    pipe = WatchdogInput()
    line = pipe.line()
    if not line.endswith(b"\n"):
        return 2  # the process that started it died before it gave orders: no fault was put in
    try:
        orders = Orders.model_validate_json(line)
    except ValidationError:
        return 2  # the message would repeat the orders, which hold secrets
    target = Target(orders.attach(), RunFiles(Path(orders.directory), Redactor()), os.getpid())
    _report_ready(target, orders)
    reason = pipe.wait(orders.lease_seconds)
    if reason == "the fault is gone":
        return 0
    try:
        return _undo(target, orders, reason)
    except Unmeasurable as problem:
        print(target.files.redactor.clean(f"watchdog ({reason}): {problem}"), file=sys.stderr)  # noqa: T201 # its log
        return 1


def _report_ready(target: Target, orders: Orders) -> None:
    """Report that it is ready, or why it could not take the fault out; then no fault is put in."""
    try:
        wrong = orders.fault.undo.resolve().remains(healing_runtime(target))
        message = READY if wrong is None or orders.other_fault_remains else f"before the fault: {wrong}\n".encode()
    except Unmeasurable as reason:
        message = target.files.redactor.clean(f"{reason}\n").encode()
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo
        message = f"{crash_of_undo(problem)}\n".encode()
    os.write(1, message)


def _undo(target: Target, orders: Orders, reason: Reason) -> int:
    journal = Journal(Path(orders.fault.journal), clean=target.files.redactor.clean)
    fault = _with_times_of_journal(journal, orders.fault)
    if fault is None:
        return 0
    if fault.platform_ends_with is not None and not fault.platform_ends_with.alive:
        _wait_for_end_of_platform(fault)
    healed = heal_patiently(journal, fault, lambda: healing_runtime(target), f"watchdog: {reason}", _PATIENCE_SECONDS)
    if copy_of(fault):  # nothing may be added to a run directory that is sealed
        target.files.progress.say(target.files.redactor.clean(f"watchdog ({reason}): {healed}"))
    return 0 if healed.remains is None else 1


def _with_times_of_journal(journal: Journal, fault: IntendedFault) -> IntendedFault | None:
    """The fault of the orders with the times of the journal; None if the journal does not have it, so that it was never
    put in. Only the orders say what is done, because others may have written to the journal."""
    try:
        in_journal = journal.read().intended(fault.id)
    except Unmeasurable:
        return fault
    if in_journal is None:
        return None
    return fault.model_copy(update={"t": in_journal.t, "lease_until": in_journal.lease_until})


def _wait_for_end_of_platform(fault: IntendedFault) -> None:
    """Wait until a platform that ends with pytest has ended. Starting one of its services now would only disturb its
    end."""
    deadline = time.monotonic() + _PLATFORM_END_SECONDS
    while not platform_has_ended(fault.runtime_address) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
