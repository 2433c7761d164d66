"""Waits while a fault is in. Probes and actors go on meanwhile, and the wait ends early if the fault does harm."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from pytest_examday.drills.fault_observation import FaultObservation, FaultObserver
from pytest_examday.drills.harm_limits import HarmMonitor, Limits
from pytest_examday.drills.workload import Workload
from pytest_examday.evidence.drill_evidence import FaultReading
from pytest_examday.evidence.probe import Probe
from pytest_examday.monotonic_clock import now
from pytest_examday.run.progress import ProgressFile

_LOOK_SECONDS = 0.25
_SHORT_LOOK_SECONDS = 0.05
"""The pause between two looks when the time of the hold is over and only looks or probes are waited for."""
_HEALTH_EVERY_SECONDS = 1.0


class Hold(Protocol):
    """Waits while a fault is in."""

    @property
    def stopped(self) -> str | None:
        """The harm that ended the wait early; None if nothing did."""

    @property
    def gone(self) -> str | None:
        """What showed that the fault had gone by itself, which ended the wait early; None if it did not."""

    def hold(self, seconds: float, since: float, probes: Callable[[], tuple[Probe, ...]] | None) -> None:
        """Return when `seconds` are over, the probes are made and the fault was looked at; or at once on harm, or if
        the fault has gone by itself.

        The fault went in at `since` (seconds since the epoch).
        """


class WatchedHold:
    """A hold that watches the requests of the actors, the platform's health and the fault itself."""

    def __init__(
        self,
        progress: ProgressFile,
        workload: Workload,
        limits: Limits,
        pool: ThreadPoolExecutor,
        looks: tuple[FaultObserver, ...],
    ) -> None:
        self.stopped: str | None = None
        self.gone: str | None = None
        self.readings: list[FaultReading] = []
        self._looks = looks
        self._progress = progress
        self._workload = workload
        self._limits = limits
        self._pool = pool
        self._new_samples = workload.actors.follow()
        self._watch: HarmMonitor | None = None
        self._probes: list[Future[tuple[Probe, ...]]] = []

    def hold(self, seconds: float, since: float, probes: Callable[[], tuple[Probe, ...]] | None) -> None:
        """Wait as `Hold.hold` says, and look for harm four times a second."""
        fault = FaultObservation(self._looks, self._pool, time.monotonic())
        try:
            self._wait(seconds, since, probes, fault)
        finally:
            self.readings += fault.readings()

    def _wait(
        self, seconds: float, since: float, probes: Callable[[], tuple[Probe, ...]] | None, fault: FaultObservation
    ) -> None:
        watch = self._watch = self._watch or HarmMonitor(self._limits, since)
        until = time.monotonic() + seconds
        made = None if probes is None else self._pool.submit(probes)
        self._probes += [] if made is None else [made]
        health, asked_at = self._pool.submit(self._workload.healthy), time.monotonic()
        while (left := until - time.monotonic()) > 0 or not (made is None or made.done()) or not fault.looked:
            fault.look()
            self.gone = fault.gone
            if health.done() and time.monotonic() >= asked_at + _HEALTH_EVERY_SECONDS:
                watch.probed(health.result())
                health, asked_at = self._pool.submit(self._workload.healthy), time.monotonic()
            watch.saw(self._new_samples())
            self.stopped = watch.harm(now())
            if self.stopped is not None:
                self._progress.say(f"{self._workload.actors.activity}: stopped on harm: {self.stopped}")
                return
            if self.gone is not None:
                self._progress.say(f"{self._workload.actors.activity}: the fault has gone by itself: {self.gone}")
                return
            time.sleep(min(_LOOK_SECONDS, left) if left > 0 else _SHORT_LOOK_SECONDS)

    def probes(self) -> tuple[Probe, ...]:
        """The probes that were made meanwhile; waits for those that are still under way."""
        return tuple(probe for made in self._probes for probe in made.result())


@contextmanager
def watched_hold(
    progress: ProgressFile, workload: Workload, limits: Limits, looks: tuple[FaultObserver, ...] = ()
) -> Iterator[WatchedHold]:
    """The hold of one drill. Its threads may hang as long as the fault is in, so they are waited for when the block
    ends. If a fault comes and goes, a look of the time before may still hang while another one begins."""
    with ThreadPoolExecutor(max_workers=2 + 2 * len(looks)) as pool:
        yield WatchedHold(progress, workload, limits, pool, looks)
