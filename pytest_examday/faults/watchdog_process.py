"""Starts the watchdog of one fault, and ends it once the fault is shown to be gone."""

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.watchdog import GONE, READY
from pytest_examday.faults.watchdog_orders import Orders

_READY_SECONDS = 30.0
_END_SECONDS = 10.0
_KEPT_RUNNING: list["Watchdog"] = []
"""Watchdogs of faults that remain: the list keeps their pipes open until this process ends."""
_UNDOING: list["subprocess.Popen[bytes]"] = []
"""Processes that undo a fault without being waited for. Those that have ended are removed when the next one is
added."""


class Watchdog:
    """The watchdog process, as the drill uses it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._gone = False
        self._keeps_running = False
        self._undo_seconds = 0.0

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def report_gone(self) -> None:
        """Tell it that the fault is shown to be gone, so that it ends."""
        self._say(GONE)
        self._gone = True

    def keep_running(self) -> None:
        """Keep it although the fault remains: it undoes the fault when this process or the lease ends.

        If it did so now, it would disturb the next drill.
        """
        self._keeps_running = True
        _KEPT_RUNNING.append(self)

    def wait_for_undo(self, seconds: float) -> None:
        """Have `close` wait up to `seconds` until it has undone the fault."""
        self._undo_seconds = seconds

    def send_orders(self, orders: Orders) -> None:
        """Send the orders and wait until it is ready. Raises Unmeasurable if it could not undo the fault."""
        self._say(orders.model_dump_json().encode() + b"\n")
        output = self._process.stdout
        if output is None or not _readable(output.fileno(), _READY_SECONDS):
            raise Unmeasurable(f"the watchdog was not ready within {_READY_SECONDS:.0f} s, so the fault was not put in")
        reply = output.readline()
        if reply != READY:
            why = reply.decode(errors="replace").strip() or "it ended; see logs/watchdog.log"
            raise Unmeasurable(f"the fault was not put in, because its watchdog could not undo it: {why}")

    def _say(self, line: bytes) -> None:
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended; reading its reply will show that

    def kill(self) -> None:
        """End it before it undoes anything."""
        self._process.kill()
        self._process.wait()
        self._close()

    def close(self) -> None:
        """Close the pipe, unless it is kept running. If the fault was not reported as gone, it undoes the fault now;
        that is waited for only if `wait_for_undo` was called."""
        if self._keeps_running:
            return
        self._close()
        if self._gone:
            self._wait()
        elif not self._has_undone():
            _UNDOING[:] = [process for process in (*_UNDOING, self._process) if process.poll() is None]

    def _has_undone(self) -> bool:
        if not self._undo_seconds:
            return False
        try:
            self._process.wait(self._undo_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _wait(self) -> None:
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # it had ended before it read the last line


def _readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()  # select() cannot take descriptors above 1,023, and this process may have thousands
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


@contextmanager
def running_watchdog(orders: Orders, log: Path) -> Iterator[Watchdog]:
    """A watchdog that is ready while the block runs. It undoes the fault if the block ends without `report_gone`.

    Raises Unmeasurable if it could not take the fault out.
    """
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest_examday.faults.watchdog"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    watchdog = Watchdog(process)
    try:
        watchdog.send_orders(orders)
    except BaseException:  # no fault was put in, so there is nothing for it to take out
        watchdog.kill()
        raise
    try:
        yield watchdog
    finally:
        watchdog.close()
