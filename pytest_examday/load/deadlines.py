"""Checks the deadlines of thousands of waits together, 20 times a second. A timer for each wait would cost more."""

import asyncio
import math
import time
from typing import Protocol

SWEEP_SECONDS = 0.05
"""Seconds between two checks. A wait may end this much too late, and never too early."""

NEVER = math.inf
"""The deadline of a `TimedWait` that is not waiting."""


class TimedWait(Protocol):
    """Something that may wait until its deadline (a value of `time.perf_counter`). Only `Deadlines` sets `watched`."""

    deadline: float
    watched: bool

    def expire(self) -> None:
        """End the wait: the deadline has passed."""


class Deadlines:
    """Ends the waits of one event loop whose deadline has passed. It does nothing while nobody waits.

    A connection makes one wait after the other. It stays in the list as long as each check finds it waiting, so that
    most of its waits need not be added again.
    """

    def __init__(self) -> None:
        self._waits: list[TimedWait] = []
        self._armed = False

    def watch(self, wait: TimedWait) -> None:
        """Call `wait.expire` once its deadline has passed, unless the deadline is `NEVER` by then.

        To be called only for a wait that is not `watched`.
        """
        wait.watched = True
        self._waits.append(wait)
        if not self._armed:
            self._arm()

    def _arm(self) -> None:
        self._armed = True
        asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._armed = False
        now = time.perf_counter()
        waits, self._waits = self._waits, []
        for wait in waits:
            if now < wait.deadline < NEVER:
                self._waits.append(wait)
            else:
                wait.watched = False
                if wait.deadline <= now:
                    wait.expire()
        if self._waits and not self._armed:
            self._arm()
