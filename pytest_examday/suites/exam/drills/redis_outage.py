"""Redis is stopped for a while (seed 000, phase 3 A): rate limits are bypassed, login works, nothing crashes, and
warnings are logged."""

import uuid
from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.role_faults import role_stopped
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probes import enter_and_sit, note_redis, redis_away

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _rate_limit(target: "Target", name: str, *, limited: bool) -> Probe:
    """Make a burst of the rate-limited call. It passes if the limit was reached, or not, as `limited` says."""
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


def _before(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    note_redis(target, candidate)
    return (_rate_limit(target, "rate limit before", limited=True),)


def _during(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Log in, refresh the token, sit a whole short exam, and make a burst of the limited call, all without Redis."""
    limited = _rate_limit(target, "rate limit during", limited=False)
    return (*enter_and_sit(target, candidate), limited, *redis_away(target, candidate))


def _after(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    return (_rate_limit(target, "rate limit after", limited=True),)


_LINES = LinesOf("redis_outage", "redis", "A) Redis Failure")

DRILL = Drill(
    name="redis_outage",
    activity="redis_outage",
    title="Redis failure",
    phase=3,
    scenario=lambda environment: f"Redis stopped for {environment.profile.drill.hold_seconds:g} seconds",
    fault=role_stopped("cache", "Redis stopped"),
    lines=(
        _LINES.tried("rate-limits-are-bypassed", "rate limits temporarily bypassed", "rate limit"),
        _LINES.tried("auth-still-works", "auth still works", "login", "refresh"),
        _LINES.tried("exams-go-on", "sessions are created, answered and submitted", "create", "answer", "submit"),
        _LINES.warnings_logged(),
        _LINES.ready_tells("Redis"),
        *_LINES.usual(continues=False),
    ),
    always=True,
    before=_before,
    during=_during,
    after=_after,
    warnings=lambda target: target.environment.platform.log_format.redis_warning_when,
)
