"""Deadlines of many waits at the price of a few: looked at all together, some times a second."""

import asyncio
import time
from typing import Protocol

SWEEP_SECONDS = 0.05
"""How far apart the looks are, so how late a wait may be ended; none is ended early."""


class Wait(Protocol):
    """Something that ends at its deadline (`time.perf_counter`) at the latest."""

    deadline: float

    def expire(self) -> None:
        """The deadline has passed."""


class Deadlines:
    """Ends the waits of one event loop that took too long; at rest while nobody waits."""

    def __init__(self) -> None:
        self._waits: set[Wait] = set()
        self._armed = False

    def watch(self, wait: Wait) -> None:
        """Have it expired at its deadline, unless it is forgotten before."""
        self._waits.add(wait)
        if not self._armed:
            self._arm()

    def forget(self, wait: Wait) -> None:
        """It has ended."""
        self._waits.discard(wait)

    def _arm(self) -> None:
        self._armed = True
        asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._armed = False
        now = time.perf_counter()
        for wait in [wait for wait in self._waits if wait.deadline <= now]:
            self._waits.discard(wait)
            wait.expire()
        if self._waits:
            self._arm()
