"""The time while a fault is in: probes and candidates go on, and a watch ends it at once where it harms too much."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from pytest_examday.drills.harm import HarmWatch, Limits
from pytest_examday.evidence.phases import Probe
from pytest_examday.load.load_in_processes import Load
from pytest_examday.target.target import Target

_LOOK_SECONDS = 0.25
_HEALTH_SECONDS = 2.0
_HEALTH_EVERY_SECONDS = 1.0


@dataclass
class Holding:
    """Holds a fault for a while; `stopped` is the harm that ended it before its time."""

    target: Target
    load: Load
    limits: Limits
    pool: ThreadPoolExecutor
    stopped: str | None = None
    _watch: HarmWatch | None = None
    _probes: list[Future[tuple[Probe, ...]]] = field(default_factory=list)

    def hold(self, seconds: float, since: float, probes: Callable[[], tuple[Probe, ...]] | None) -> None:
        """Return when so much time is over and the probes are made, or at once on harm."""
        watch = self._watch = self._watch or HarmWatch(self.limits, since)
        until = time.monotonic() + seconds
        made = None if probes is None else self.pool.submit(probes)
        self._probes += [] if made is None else [made]
        health, asked = self.pool.submit(self._healthy), time.monotonic()
        while (left := until - time.monotonic()) > 0 or not (made is None or made.done()):
            if health.done() and time.monotonic() >= asked + _HEALTH_EVERY_SECONDS:
                watch.probed(health.result())
                health, asked = self.pool.submit(self._healthy), time.monotonic()
            watch.saw(self._new())
            self.stopped = watch.harm(time.time())
            if self.stopped is not None:
                self.target.run.progress.say(f"{self.load.activity}: stopped on harm: {self.stopped}")
                return
            time.sleep(min(_LOOK_SECONDS, left) if left > 0 else _LOOK_SECONDS)

    def probes(self) -> tuple[Probe, ...]:
        """What was tried meanwhile; waits for what is still under way."""
        return tuple(probe for made in self._probes for probe in made.result())

    def __post_init__(self) -> None:
        self._new = self.load.follow()

    def _healthy(self) -> bool:
        return self.target.api.call("health", timeout=_HEALTH_SECONDS).accepted


@contextmanager
def holding(target: Target, load: Load, limits: Limits) -> Iterator[Holding]:
    """For one drill. Its threads are waited for only after the fault is out, however long they hang."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield Holding(target, load, limits, pool)
