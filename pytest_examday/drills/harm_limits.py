"""Stop on harm: if a fault does more harm than its drill may do, it is taken out early.

Seed 002: the owner of the platform decides how much a rehearsal may break, and it must not break more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_examday.config.environment import Environment
from pytest_examday.core.limit_words import SECONDS, against, share
from pytest_examday.evidence.figures import ERRORS, UNJUDGED
from pytest_examday.load.samples import Sample

_HARMFUL = ERRORS - {"expired"}
"""`expired` is not harmful: the token is renewed at once. If it cannot be renewed, the request has another outcome."""
_AGAIN = ERRORS - {"client_error"}
"""Outcomes after which the actor waits and sends the request again. A request that is refused for good has ended."""
_FEWEST = 20
"""Errors are judged from this many requests on: among fewer, a few broken connections would be a large share."""


@dataclass(frozen=True)
class Limits:
    """How much harm a drill may do. In an outage no request can succeed, so only the waits of actors count."""

    error_rate: float
    harmed: int
    wait_seconds: float
    health_failures: int
    outage: bool

    @classmethod
    def of(cls, environment: Environment, *, outage: bool, hold_seconds: float) -> "Limits":
        """The limits of the environment's profile and thresholds. In an outage nobody can be served, so the planned
        time of the outage is added to what an actor may wait."""
        drill = environment.profile.drill
        return cls(
            error_rate=drill.stop_error_rate,
            harmed=drill.stop_harmed,
            wait_seconds=environment.thresholds.drill_wait_seconds + (hold_seconds if outage else 0.0),
            health_failures=drill.stop_health_failures,
            outage=outage,
        )


@dataclass
class HarmMonitor:
    """Watches the requests of actors while a fault is in. `since` is when it went in (seconds since the epoch).

    `failing` has every actor whose last request failed and is sent again, with the time at which its first failed
    request in a row began.
    """

    limits: Limits
    since: float
    failing: dict[str, float] = field(default_factory=dict, init=False)
    _failed_probes: int = field(default=0, init=False)
    _judged: int = field(default=0, init=False)
    _errors: int = field(default=0, init=False)

    def probed(self, healthy: bool) -> None:
        """Count one reply of the health endpoint."""
        self._failed_probes = 0 if healthy else self._failed_probes + 1

    def saw(self, samples: Iterable[Sample]) -> None:
        """Count requests, in the order in which they ended. Those before the fault only show who was waiting."""
        for sample in samples:
            if sample.outcome in _AGAIN:
                self.failing.setdefault(sample.actor, sample.started)
            else:
                self.failing.pop(sample.actor, None)
            if sample.ended > self.since and sample.outcome not in UNJUDGED:
                self._judged += 1
                self._errors += sample.outcome in _HARMFUL

    def harm(self, now: float) -> str | None:
        """The harm for which the fault has to be taken out at `now` (seconds since the epoch); None while it may
        stay."""
        limits = self.limits
        if not limits.outage and self._failed_probes >= limits.health_failures:
            return f"the health endpoint failed {self._failed_probes} times in a row"
        return self._too_many_errors() or self._too_many_waiting(now)

    def _too_many_errors(self) -> str | None:
        if self.limits.outage or self._judged < _FEWEST or self._errors <= self.limits.error_rate * self._judged:
            return None
        return f"{self._errors} of {self._judged} requests failed, limit {share(self.limits.error_rate)}"

    def _too_many_waiting(self, now: float) -> str | None:
        waits = {name: now - began for name, began in self.failing.items()}
        harmed = {name: wait for name, wait in waits.items() if wait > self.limits.wait_seconds}
        if len(harmed) < self.limits.harmed:
            return None
        first = max(harmed, key=lambda name: harmed[name])
        waited = f"{first} has waited for {against(harmed[first], self.limits.wait_seconds, SECONDS)}"
        return f"kept waiting for too long: {len(harmed)}; {waited}"
