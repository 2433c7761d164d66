"""Watches the platform and the fault while the fault is in. The watch ends early if the fault does harm."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from pytest_examday.drills.fault_observation import FaultObservation, FaultObserver
from pytest_examday.drills.harm_monitor import HarmMonitor, StopRule
from pytest_examday.drills.workload import Workload
from pytest_examday.evidence.drill_evidence import FaultReading
from pytest_examday.evidence.probe import Probe
from pytest_examday.monotonic_clock import now
from pytest_examday.run.progress import ProgressFile

_POLL_SECONDS = 0.25
_SHORT_POLL_SECONDS = 0.05
"""The pause between two polls when the time of the fault is over and only observations or probes are waited for."""
_HEALTH_EVERY_SECONDS = 1.0

MakeProbes = Callable[[], tuple[Probe, ...]]


class FaultWatch(Protocol):
    """Waits while a fault is in."""

    @property
    def harm(self) -> str | None:
        """The harm that ended the wait early; None if nothing did."""

    @property
    def gone_by_itself(self) -> str | None:
        """What showed that the fault had gone by itself, which ended the wait early; None if it did not."""

    def wait(self, seconds: float, injected: float, make_probes: MakeProbes | None) -> None:
        """Return when `seconds` are over, the probes are made and the fault was observed; or at once on harm, or if the
        fault has gone by itself.

        The fault went in at `injected` (seconds since the epoch).
        """


class PlatformWatch:
    """Watches the requests of the actors, the platform's health and the fault itself while the fault is in."""

    def __init__(
        self,
        progress: ProgressFile,
        workload: Workload,
        stop_rule: StopRule,
        pool: ThreadPoolExecutor,
        observers: tuple[FaultObserver, ...],
    ) -> None:
        self.harm: str | None = None
        self.gone_by_itself: str | None = None
        self.readings: list[FaultReading] = []
        self._observers = observers
        self._progress = progress
        self._workload = workload
        self._stop_rule = stop_rule
        self._pool = pool
        self._new_samples = workload.actors.follow()
        self._monitor: HarmMonitor | None = None
        self._probes: list[Future[tuple[Probe, ...]]] = []

    def wait(self, seconds: float, injected: float, make_probes: MakeProbes | None) -> None:
        """Wait as `FaultWatch.wait` says, and look for harm four times a second."""
        observation = FaultObservation(self._observers, self._pool, time.monotonic())
        try:
            self._wait(seconds, injected, make_probes, observation)
        finally:
            self.readings += observation.readings()

    def _wait(
        self, seconds: float, injected: float, make_probes: MakeProbes | None, observation: FaultObservation
    ) -> None:
        monitor = self._monitor = self._monitor or HarmMonitor(self._stop_rule, injected)
        deadline = time.monotonic() + seconds
        probes = None if make_probes is None else self._pool.submit(make_probes)
        self._probes += [] if probes is None else [probes]
        health, asked_at = self._pool.submit(self._workload.healthy), time.monotonic()
        while (
            (seconds_left := deadline - time.monotonic()) > 0
            or not (probes is None or probes.done())
            or not observation.complete
        ):
            observation.update()
            self.gone_by_itself = observation.gone_by_itself
            if health.done() and time.monotonic() >= asked_at + _HEALTH_EVERY_SECONDS:
                monitor.count_health_check(health.result())
                health, asked_at = self._pool.submit(self._workload.healthy), time.monotonic()
            monitor.count_requests(self._new_samples())
            self.harm = monitor.harm(now())
            activity = self._workload.actors.activity
            if self.harm is not None:
                self._progress.say(f"{activity}: stopped on harm: {self.harm}")
                return
            if self.gone_by_itself is not None:
                self._progress.say(f"{activity}: the fault has gone by itself: {self.gone_by_itself}")
                return
            time.sleep(min(_POLL_SECONDS, seconds_left) if seconds_left > 0 else _SHORT_POLL_SECONDS)

    def probes(self) -> tuple[Probe, ...]:
        """The probes that were made meanwhile; waits for those that are still under way."""
        return tuple(probe for probes in self._probes for probe in probes.result())


@contextmanager
def platform_watch(
    progress: ProgressFile, workload: Workload, stop_rule: StopRule, observers: tuple[FaultObserver, ...] = ()
) -> Iterator[PlatformWatch]:
    """The watch of one drill. Its threads may hang as long as the fault is in, so they are waited for when the block
    ends. If a fault comes and goes, an observation of the time before may still hang while another one begins."""
    with ThreadPoolExecutor(max_workers=2 + 2 * len(observers)) as pool:
        yield PlatformWatch(progress, workload, stop_rule, pool, observers)
