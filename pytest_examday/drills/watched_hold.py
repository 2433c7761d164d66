"""The time while a fault is in: probes and actors go on, and a watch ends it at once where it harms too much."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from pytest_examday.drills.stop_on_harm import HarmWatch, Limits
from pytest_examday.drills.workload import Workload
from pytest_examday.evidence.probe import Probe
from pytest_examday.run.progress import ProgressFile

_LOOK_SECONDS = 0.25
_HEALTH_EVERY_SECONDS = 1.0


class Hold(Protocol):
    """Lets time pass while a fault is in."""

    @property
    def stopped(self) -> str | None:
        """The harm that ended it before its time; None where nothing did."""

    def hold(self, seconds: float, since: float, probes: Callable[[], tuple[Probe, ...]] | None) -> None:
        """Return when so much time is over and the probes are made, or at once on harm; the fault went in at `since`
        (epoch)."""


class WatchedHold:
    """A hold that looks at the actors and at the platform's health all the time."""

    def __init__(self, progress: ProgressFile, workload: Workload, limits: Limits, pool: ThreadPoolExecutor) -> None:
        self.stopped: str | None = None
        self._progress = progress
        self._workload = workload
        self._limits = limits
        self._pool = pool
        self._new_samples = workload.actors.follow()
        self._watch: HarmWatch | None = None
        self._probes: list[Future[tuple[Probe, ...]]] = []

    def hold(self, seconds: float, since: float, probes: Callable[[], tuple[Probe, ...]] | None) -> None:
        """See `Hold.hold`."""
        watch = self._watch = self._watch or HarmWatch(self._limits, since)
        until = time.monotonic() + seconds
        made = None if probes is None else self._pool.submit(probes)
        self._probes += [] if made is None else [made]
        health, asked = self._pool.submit(self._workload.healthy), time.monotonic()
        while (left := until - time.monotonic()) > 0 or not (made is None or made.done()):
            if health.done() and time.monotonic() >= asked + _HEALTH_EVERY_SECONDS:
                watch.probed(health.result())
                health, asked = self._pool.submit(self._workload.healthy), time.monotonic()
            watch.saw(self._new_samples())
            self.stopped = watch.harm(time.time())
            if self.stopped is not None:
                self._progress.say(f"{self._workload.actors.activity}: stopped on harm: {self.stopped}")
                return
            time.sleep(min(_LOOK_SECONDS, left) if left > 0 else _LOOK_SECONDS)

    def probes(self) -> tuple[Probe, ...]:
        """What was tried meanwhile; waits for what is still under way."""
        return tuple(probe for made in self._probes for probe in made.result())


@contextmanager
def watched_hold(progress: ProgressFile, workload: Workload, limits: Limits) -> Iterator[WatchedHold]:
    """For one drill. Its threads are waited for only after the fault is out, however long they hang."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield WatchedHold(progress, workload, limits, pool)
