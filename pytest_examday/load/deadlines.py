"""Deadlines of many waits at the price of a few: looked at all together, some times a second."""

import asyncio
import math
import time
from typing import Protocol

SWEEP_SECONDS = 0.05
"""How far apart the looks are, so how late a wait may be ended; none is ended early."""


NEVER = math.inf
"""The deadline of what does not wait."""


class Wait(Protocol):
    """Something that may wait until its deadline (`time.perf_counter`) and then ends; `watched` belongs to those who
    watch it."""

    deadline: float
    watched: bool

    def expire(self) -> None:
        """The deadline has passed."""


class Deadlines:
    """Ends the waits of one event loop that took too long; at rest while nobody waits.

    What is watched stays so over many waits as long as each look finds it waiting, so that most cost nothing here.
    """

    def __init__(self) -> None:
        self._waits: list[Wait] = []
        self._armed = False

    def watch(self, wait: Wait) -> None:
        """Have it expired at its deadline, unless that is `NEVER` by then; call where it is not `watched` yet."""
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
        looked_at, self._waits = self._waits, []
        for wait in looked_at:
            if now < wait.deadline < NEVER:
                self._waits.append(wait)
            else:
                wait.watched = False
                if wait.deadline <= now:
                    wait.expire()
        if self._waits and not self._armed:
            self._arm()
