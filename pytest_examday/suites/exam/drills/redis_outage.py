"""Redis away for a while (seed 000, phase 3 A): limits bypassed, login works, nothing crashes, warnings logged."""

import uuid

from pytest_examday.drills.drill import Drill
from pytest_examday.evidence.phases import Probe
from pytest_examday.faults.fault import service_down
from pytest_examday.suites.exam.probes import enter_and_sit
from pytest_examday.suites.exam.sitting import Sitting
from pytest_examday.target.target import Target


def _rate_limit(target: Target, name: str, *, limited: bool) -> Probe:
    """A burst of the limited call; it passes if a limit was met exactly when one should be."""
    described = target.environment.platform.contract.rate_limit
    if described is None:
        return Probe(name=name, passed=False, detail="not measured: the contract names no rate-limited call")
    nonce = {"nonce": uuid.uuid4().hex[:12]}
    replies = [target.api.call(described.operation, nonce) for _ in range(described.burst)]
    if limited and all(reply.status != described.limited for reply in replies):
        # A fixed window may have ended in the middle of the burst; it cannot end in the next one as well.
        replies += [target.api.call(described.operation, nonce) for _ in range(described.burst)]
    statuses = [reply.status for reply in replies]
    met = statuses.count(described.limited)
    answered = all(reply.accepted or reply.status == described.limited for reply in replies)
    return Probe(
        name=name,
        passed=answered and (met > 0) == limited,
        detail=f"{met} of {len(replies)} calls were limited, {statuses.count(None)} unanswered",
        status=statuses[-1],
    )


def _before(target: Target, sitting: Sitting) -> tuple[Probe, ...]:
    return (_rate_limit(target, "rate limit before", limited=True),)


def _during(target: Target, sitting: Sitting) -> tuple[Probe, ...]:
    """Log in, refresh, and sit a whole short exam without Redis."""
    return (*enter_and_sit(target, sitting), _rate_limit(target, "rate limit during", limited=False))


def _after(target: Target, sitting: Sitting) -> tuple[Probe, ...]:
    return (_rate_limit(target, "rate limit after", limited=True),)


def describe(target: Target) -> Drill:
    """Redis stopped in the ordinary way and started again."""
    return Drill(
        activity="redis_outage",
        scenario=f"Redis stopped for {target.environment.profile.drill.hold_seconds:g} seconds",
        fault=lambda target: service_down(target, "Redis stopped", target.runtime.service("cache"), abruptly=False),
        before=_before,
        during=_during,
        after=_after,
        warnings=target.environment.platform.log_format.redis_warning_when,
    )
