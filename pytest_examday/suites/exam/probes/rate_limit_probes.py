"""Bursts of a rate-limited call, made by drills before, while and after a fault is in."""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.contract.contract import RateLimit
from pytest_examday.contract.operation import Operation
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.probe_names import RATE_LIMIT_BEFORE

if TYPE_CHECKING:
    from pytest_examday.target.api import Reply
    from pytest_examday.target.target import Target

RATE_LIMITS_ARE_BYPASSED = "redis-outage-rate-limits-are-bypassed"
"""The key of a line: without Redis, rate limits have to let calls through (source document 000, phase 3 A). A platform
without rate limits does not promise it."""
NO_RATE_LIMITED_CALL = (
    f"the contract names no rate-limited call; add {RATE_LIMITS_ARE_BYPASSED} to not_promised if the platform has none"
)
RATE_LIMIT_KEY = "contract.rate_limit.operation"
_WHY_LIMIT_UNKNOWN = "why the limit is unknown"
"""A key of `ProbeCandidate.noted`. Its value is the reason why the limit could not be reached before the fault; an
empty text if it was reached."""


@dataclass(frozen=True)
class _Burst:
    """The result of a burst of the limited call."""

    replies: tuple["Reply", ...]
    limited: int

    @property
    def limited_count(self) -> int:
        """How many calls were limited."""
        return sum(reply.status == self.limited for reply in self.replies)

    @property
    def unexpected(self) -> "Reply | None":
        """The first reply that is neither acceptance nor limit; None if there is none."""
        return next((reply for reply in self.replies if not reply.accepted and reply.status != self.limited), None)

    def __str__(self) -> str:
        other = "" if self.unexpected is None else f"; one got another reply: {reply_in_words(self.unexpected)}"
        return f"{self.limited_count} of {len(self.replies)} calls were limited{other}"

    def probe(self, name: str, passed: bool) -> Probe:
        """The record of the burst."""
        return Probe(name=name, passed=passed, detail=str(self), status=self.replies[-1].status)


def _burst(target: "Target", described: RateLimit, *, until_limited: bool) -> _Burst:
    nonce = {"nonce": uuid.uuid4().hex[:12]}
    replies = [target.api.call(described.operation, nonce) for _ in range(described.burst)]
    if until_limited and all(reply.status != described.limited for reply in replies):
        # A fixed window may have ended in the middle of the burst; it cannot end in the next one as well.
        replies += [target.api.call(described.operation, nonce) for _ in range(described.burst)]
    return _Burst(tuple(replies), described.limited)


def why_not_accepted(operation: Operation, strange: "Reply") -> str:
    """What is likely to be wrong in the contract if this reply is neither acceptance nor limit, with the key to correct
    in the configuration."""
    rule = "every call that is not limited must be accepted"
    if strange.status is None:
        return f"{rule}, and this one got no reply"
    if strange.status in operation.success and operation.success_when is not None:
        return f"{rule}: {operation.success_when} is not true of this reply -> {RATE_LIMIT_KEY}.success_when"
    return f"{rule} -> {RATE_LIMIT_KEY}.success = [{strange.status}], if this reply is the right one"


def limit_before(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Make a burst, which has to reach the limit: a limit that is not seen now cannot be missed later."""
    if not has_rate_limits(target):
        return ()
    name, described = RATE_LIMIT_BEFORE, target.environment.platform.contract.rate_limit
    if described is None:
        return _unknown(prober, name, NO_RATE_LIMITED_CALL)
    burst = _burst(target, described, until_limited=True)
    if burst.unexpected is not None:
        return _unknown(prober, name, f"{burst}; {why_not_accepted(described.operation, burst.unexpected)}")
    if not burst.limited_count:
        return _unknown(prober, name, f"{burst} before the fault; is the limit above the contract's burst?")
    prober.noted[_WHY_LIMIT_UNKNOWN] = ""
    return (burst.probe(name, passed=True),)


def _unknown(prober: ProbeCandidate, name: str, why: str) -> tuple[Probe, ...]:
    prober.noted[_WHY_LIMIT_UNKNOWN] = why
    return (Probe.untried(name, why),)


def has_rate_limits(target: "Target") -> bool:
    """Whether the platform has rate limits."""
    return RATE_LIMITS_ARE_BYPASSED not in target.environment.not_promised


def limit_probe(target: "Target", prober: ProbeCandidate, name: str, *, limited: bool) -> tuple[Probe, ...]:
    """Make a burst of the rate-limited call. With `limited` it passes if the limit was reached, otherwise if it was
    not."""
    if not has_rate_limits(target):
        return ()
    described, why = target.environment.platform.contract.rate_limit, prober.noted[_WHY_LIMIT_UNKNOWN]
    if described is None or why:
        return (Probe.untried(name, why),)
    burst = _burst(target, described, until_limited=limited)
    return (burst.probe(name, passed=burst.unexpected is None and (burst.limited_count > 0) == limited),)
