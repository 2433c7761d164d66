"""Stop on harm: if a fault does more harm than its drill may do, it is taken out early.

Source document 002: the owner of the platform decides how much a rehearsal may break, and it must not break more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_examday.config.environment import Environment
from pytest_examday.core.limit_words import SECONDS, against, share
from pytest_examday.drills.allowed_wait import allowed_wait
from pytest_examday.evidence.figures import ERRORS, UNJUDGED
from pytest_examday.load.samples import Sample

_HARMFUL = ERRORS - {"expired"}
"""`expired` is not harmful: the token is renewed at once. If it cannot be renewed, the request has another outcome."""
_RETRIED = ERRORS - {"client_error"}
"""Outcomes after which the actor waits and sends the request again. A request that is refused for good has ended."""
_FEWEST_REQUESTS = 20
"""Errors are judged from this many requests on: among fewer, a few broken connections would be a large share."""


@dataclass(frozen=True)
class StopRule:
    """How much harm a drill may do before its fault is taken out early. In an outage no request can succeed, so only
    the waits of actors count."""

    error_rate: float
    """The largest share of failed requests (0 to 1)."""
    harmed: int
    """How many actors that wait for too long stop the drill."""
    wait_seconds: float
    """The longest time that an actor may wait."""
    health_failures: int
    """How many failures of the health endpoint in a row stop the drill."""
    outage: bool
    """See `Drill.outage`."""

    @classmethod
    def of(cls, environment: Environment, *, outage: bool, hold_seconds: float) -> "StopRule":
        """The rule of the environment's profile and thresholds. In an outage nobody can be served, so the planned
        time of the outage is added to what an actor may wait."""
        drill = environment.profile.drill
        return cls(
            error_rate=drill.stop_error_rate,
            harmed=drill.stop_harmed,
            wait_seconds=allowed_wait(environment.thresholds.drill_wait_seconds, hold_seconds, outage=outage),
            health_failures=drill.stop_health_failures,
            outage=outage,
        )


@dataclass
class HarmMonitor:
    """Counts the requests of actors and the health checks while a fault is in, and applies the stop rule to them."""

    rule: StopRule
    injected: float
    """When the fault went in, in seconds since the epoch."""
    failing: dict[str, float] = field(default_factory=dict, init=False)
    """Actor whose last request failed and is sent again -> when its first failed request in a row began."""
    _failed_health_checks: int = field(default=0, init=False)
    _judged: int = field(default=0, init=False)
    _errors: int = field(default=0, init=False)

    def count_health_check(self, healthy: bool) -> None:
        """Count one reply of the health endpoint."""
        self._failed_health_checks = 0 if healthy else self._failed_health_checks + 1

    def count_requests(self, samples: Iterable[Sample]) -> None:
        """Count requests, in the order in which they ended. Those before the fault only show which actors wait."""
        for sample in samples:
            if sample.outcome in _RETRIED:
                self.failing.setdefault(sample.actor, sample.started)
            else:
                self.failing.pop(sample.actor, None)
            if sample.ended > self.injected and sample.outcome not in UNJUDGED:
                self._judged += 1
                self._errors += sample.outcome in _HARMFUL

    def harm(self, now: float) -> str | None:
        """The harm for which the fault has to be taken out at `now` (seconds since the epoch); None while it may
        stay."""
        limits = self.rule
        if not limits.outage and self._failed_health_checks >= limits.health_failures:
            return f"the health endpoint failed {self._failed_health_checks} times in a row"
        return self._too_many_errors() or self._too_many_waiting(now)

    def _too_many_errors(self) -> str | None:
        if self.rule.outage or self._judged < _FEWEST_REQUESTS or self._errors <= self.rule.error_rate * self._judged:
            return None
        return f"{self._errors} of {self._judged} requests failed, limit {share(self.rule.error_rate)}"

    def _too_many_waiting(self, now: float) -> str | None:
        waits = {name: now - began for name, began in self.failing.items()}
        harmed = {name: wait for name, wait in waits.items() if wait > self.rule.wait_seconds}
        if len(harmed) < self.rule.harmed:
            return None
        first = max(harmed, key=lambda name: harmed[name])
        waited = f"{first} has waited for {against(harmed[first], self.rule.wait_seconds, SECONDS)}"
        return f"kept waiting for too long: {len(harmed)}; {waited}"
