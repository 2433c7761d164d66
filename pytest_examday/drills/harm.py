"""Stop on harm: when a platform suffers more than a drill allows, the fault comes out before its time (seed 002: the
exam's owner decides how much may be broken, and a rehearsal must not break more)."""

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
    """How much a drill may break. In an outage requests cannot succeed, so that only people's waits count."""

    error_rate: float
    harmed: int
    wait_seconds: float
    health_failures: int
    outage: bool

    @classmethod
    def of(cls, environment: Environment, *, outage: bool) -> "Limits":
        """As the profile and the thresholds say."""
        drill = environment.profile.drill
        return cls(
            error_rate=drill.stop_error_rate,
            harmed=drill.stop_harmed,
            wait_seconds=environment.thresholds.drill_wait_seconds,
            health_failures=drill.stop_health_failures,
            outage=outage,
        )


@dataclass
class HarmWatch:
    """Looks at what candidates meet while a fault is in; `since` is when it went in, epoch."""

    limits: Limits
    since: float
    _failed_probes: int = field(default=0, init=False)

    def probed(self, healthy: bool) -> None:
        """Take note of one look at the platform's health."""
        self._failed_probes = 0 if healthy else self._failed_probes + 1

    def harm(self, samples: Iterable[Sample], now: float) -> str | None:
        """Why the fault has to come out now; None while it may stay in. `samples` are all of the load's so far."""
        limits = self.limits
        if not limits.outage and self._failed_probes >= limits.health_failures:
            return f"the health endpoint failed {self._failed_probes} times in a row"
        seen = list(samples)
        return self._too_many_errors(seen) or self._too_many_waiting(seen, now)

    def _too_many_errors(self, samples: list[Sample]) -> str | None:
        if self.limits.outage:
            return None
        judged = [one for one in samples if one.ended > self.since and one.outcome != "limited"]
        errors = sum(one.outcome in _HARMFUL for one in judged)
        if len(judged) < _FEWEST or errors <= self.limits.error_rate * len(judged):
            return None
        return f"{errors} of {len(judged)} requests failed, limit {self.limits.error_rate:.0%}"

    def _too_many_waiting(self, samples: list[Sample], now: float) -> str | None:
        waits = {name: now - began for name, began in failing_since(samples).items()}
        harmed = {name: wait for name, wait in waits.items() if wait > self.limits.wait_seconds}
        if len(harmed) < self.limits.harmed:
            return None
        first = max(harmed, key=lambda name: harmed[name])
        waited = f"{first} has waited for {harmed[first]:.1f} s, limit {self.limits.wait_seconds:g} s"
        return f"{len(harmed)} candidates harmed; {waited}"


def failing_since(samples: Iterable[Sample]) -> dict[str, float]:
    """Of every candidate whose last request failed: when the first of those that failed in a row began (epoch)."""
    failing: dict[str, float] = {}
    for sample in sorted(samples, key=lambda one: one.ended):
        if sample.outcome in ERRORS:
            failing.setdefault(sample.candidate, sample.started)
        else:
            failing.pop(sample.candidate, None)
    return failing
