"""SIGTERM and SIGHUP end a run as Ctrl-C does, so that there is a report: what stops a job in CI sends SIGTERM."""

import os
import signal
import threading
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_BY_SIGNAL = 128
"""What shells add to the number of the signal that ended a process, to make its exit status."""


class Termination:
    """Turns the first signal into an interruption of pytest. A second one ends the process at once."""

    def __init__(self) -> None:
        self._got: int | None = None
        self._judging = False
        self._taken: list[int] = []
        self._process = os.getpid()

    def begin(self) -> None:
        """Take the signals that nobody else takes or ignores. Outside of the main thread none can be taken."""
        if threading.current_thread() is threading.main_thread():
            self._taken = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
            for number in self._taken:
                signal.signal(number, self._handle)

    def judge(self) -> None:
        """From now on the run is judged and its report is written: a first signal does not keep it from that."""
        self._judging = True

    def end(self) -> None:
        """Give the signals back."""
        for number in self._taken:
            signal.signal(number, signal.SIG_DFL)
        self._taken = []

    @property
    def exit_status(self) -> int | None:
        """The exit status of a run that a signal ended; None where none did."""
        return None if self._got is None else _BY_SIGNAL + self._got

    def _handle(self, number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        if os.getpid() != self._process:  # a child that a test has forked; it ends as it would without this plugin
            os.kill(os.getpid(), number)
        elif not self._judging:
            self._got = number
            raise KeyboardInterrupt(signal.Signals(number).name)
