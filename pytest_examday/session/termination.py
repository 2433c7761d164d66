"""Lets SIGTERM and SIGHUP end a run as Ctrl-C does, so that there is a report: CI systems stop a job with SIGTERM."""

import os
import signal
import threading
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_BY_SIGNAL = 128
"""Shells add this to the number of the signal that ended a process; the sum is the exit status."""
_taken: set[int] = set()
_mask = threading.local()


class Termination:
    """Turns the first signal into an interruption of pytest. A second one ends the process at once."""

    def __init__(self) -> None:
        self._got: int | None = None
        self._judging = False
        self._mine: list[int] = []

    def begin(self) -> None:
        """Handle the signals for which there is no other handler and that are not ignored. Does nothing outside of the
        main thread, where Python allows no handlers."""
        if threading.current_thread() is threading.main_thread():
            self._mine = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
            _taken.update(self._mine)
            for number in self._mine:
                signal.signal(number, self._handle)

    def judge(self) -> None:
        """Note that judging begins: from now on a first signal does not stop the run from being judged and reported."""
        self._judging = True

    def end(self) -> None:
        """Restore the handlers of the signals."""
        for number in self._mine:
            signal.signal(number, signal.SIG_DFL)
        _taken.difference_update(self._mine)
        self._mine = []

    @property
    def exit_status(self) -> int | None:
        """The exit status of a run that a signal ended; None if none did."""
        return None if self._got is None else _BY_SIGNAL + self._got

    def _handle(self, number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        if not self._judging:
            self._got = number
            raise KeyboardInterrupt(signal.Signals(number).name)


# A child that a test forks ends by its signal, as it would without this plugin. Python forgets the signals that a child
# gets while it is being forked, and whoever sent one would wait for ever; so they wait until the child can take them.


def _before_fork() -> None:
    _mask.before = signal.pthread_sigmask(signal.SIG_BLOCK, _taken)


def _in_parent() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _mask.before)


def _in_child() -> None:
    for number in _taken:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, _mask.before)


os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
