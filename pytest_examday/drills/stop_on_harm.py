"""Stop on harm: when a platform suffers more than a drill allows, the fault comes out before its time (seed 002: the
owner of the platform decides how much may be broken, and a rehearsal must not break more)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.figures import ERRORS
from pytest_examday.load.samples import Sample

_HARMFUL = ERRORS - {"expired"}
"""A token that was refused and renewed has cost a moment; one that cannot be renewed ends in another outcome."""
_FEWEST = 20
"""Of fewer requests, a few broken connections would already be half."""


@dataclass(frozen=True)
class Limits:
    """How much a drill may break. In an outage requests cannot succeed, so that only the waits of actors count."""

    error_rate: float
    harmed: int
    wait_seconds: float
    health_failures: int
    outage: bool

    @classmethod
    def of(cls, environment: Environment, *, outage: bool, hold_seconds: float) -> "Limits":
        """As the profile and the thresholds say. Nobody can be served in an outage, so the time that it is meant to
        last comes on top of what an actor may wait."""
        drill = environment.profile.drill
        return cls(
            error_rate=drill.stop_error_rate,
            harmed=drill.stop_harmed,
            wait_seconds=environment.thresholds.drill_wait_seconds + (hold_seconds if outage else 0.0),
            health_failures=drill.stop_health_failures,
            outage=outage,
        )


@dataclass
class HarmWatch:
    """Looks at what actors meet while a fault is in; `since` is when it went in, epoch.

    `failing` holds every actor whose last request failed, and when the first of those that failed in a row began.
    """

    limits: Limits
    since: float
    failing: dict[str, float] = field(default_factory=dict, init=False)
    _failed_probes: int = field(default=0, init=False)
    _judged: int = field(default=0, init=False)
    _errors: int = field(default=0, init=False)

    def probed(self, healthy: bool) -> None:
        """Take note of one look at the platform's health."""
        self._failed_probes = 0 if healthy else self._failed_probes + 1

    def saw(self, samples: Iterable[Sample]) -> None:
        """Take note of requests, in the order in which they ended; those before the fault tell who was waiting."""
        for sample in samples:
            failed = sample.outcome in ERRORS
            if failed:
                self.failing.setdefault(sample.actor, sample.started)
            else:
                self.failing.pop(sample.actor, None)
            if sample.ended > self.since and sample.outcome != "limited":
                self._judged += 1
                self._errors += sample.outcome in _HARMFUL

    def harm(self, now: float) -> str | None:
        """Why the fault has to come out now; None while it may stay in."""
        limits = self.limits
        if not limits.outage and self._failed_probes >= limits.health_failures:
            return f"the health endpoint failed {self._failed_probes} times in a row"
        return self._too_many_errors() or self._too_many_waiting(now)

    def _too_many_errors(self) -> str | None:
        if self.limits.outage or self._judged < _FEWEST or self._errors <= self.limits.error_rate * self._judged:
            return None
        return f"{self._errors} of {self._judged} requests failed, limit {self.limits.error_rate:.0%}"

    def _too_many_waiting(self, now: float) -> str | None:
        waits = {name: now - began for name, began in self.failing.items()}
        harmed = {name: wait for name, wait in waits.items() if wait > self.limits.wait_seconds}
        if len(harmed) < self.limits.harmed:
            return None
        first = max(harmed, key=lambda name: harmed[name])
        waited = f"{first} has waited for {harmed[first]:.1f} s, limit {self.limits.wait_seconds:g} s"
        return f"kept waiting for too long: {len(harmed)}; {waited}"
