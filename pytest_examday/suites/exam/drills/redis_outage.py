"""Redis is stopped for a while (source document 000, phase 3 A): rate limits are bypassed, login works, nothing
crashes, and warnings are logged."""

from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.role_faults import role_stopped
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probe_names import (
    LOGIN_DURING,
    RATE_LIMIT_AFTER,
    RATE_LIMIT_DURING,
    RATE_LIMIT_PROBES,
    REFRESH_DURING,
    STAYS_DURING,
    WHOLE_EXAM_PROBES,
)
from pytest_examday.suites.exam.probes.closed_exam_probes import (
    closed_exam_stays_closed,
    note_closed_exam,
)
from pytest_examday.suites.exam.probes.drill_probes import (
    log_in_and_sit_exam,
    logout_ends_the_token,
    note_redis,
    ready_without_redis,
    reloads_are_fresh,
    wrong_password_refused,
)
from pytest_examday.suites.exam.probes.rate_limit_probes import limit_before, limit_probe

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _before(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    # Imported when the drill runs: who judges its lines need not load a client of databases.
    from pytest_examday.suites.exam.exam_mode.exam_mode_without_redis import note_exam_mode

    note_redis(target, prober)
    note_closed_exam(target, prober)
    note_exam_mode(target, prober)
    return limit_before(target, prober)


def _during(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Log in with the right and with a wrong password, refresh the token, log out, sit a whole short exam, make a burst
    of the limited call, reload pages, and try what has to be refused, all without Redis."""
    from pytest_examday.suites.exam.exam_mode.exam_mode_without_redis import still_in_exam_mode

    limited = limit_probe(target, prober, RATE_LIMIT_DURING, limited=False)
    fresh = reloads_are_fresh(target, prober)
    entered = (
        *log_in_and_sit_exam(target, prober),
        *wrong_password_refused(target, prober.login.account),
        *logout_ends_the_token(target, prober),
    )
    closed = (*closed_exam_stays_closed(target, prober), *still_in_exam_mode(target, prober))
    return (*entered, *closed, *limited, *fresh, *ready_without_redis(target, prober))


def _after(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    return limit_probe(target, prober, RATE_LIMIT_AFTER, limited=True)


def _warnings(target: "Target") -> str | None:
    described = target.environment.platform.log_format_if_described
    formats = () if described is None else described.all_formats
    found = dict.fromkeys(form.redis_warning_when for form in formats if form.redis_warning_when is not None)
    return " || ".join(f"({when})" for when in found) or None


_LINES = LinesOf("redis_outage", "A) Redis Failure")

DRILL = Drill(
    name="redis_outage",
    title="Redis outage",
    phase=3,
    scenario=lambda environment: f"Redis stopped for {environment.profile.drill.hold_seconds:g} seconds",
    fault=role_stopped("cache", "Redis stopped"),
    lines=(
        _LINES.tried("rate-limits-are-bypassed", "rate limits are temporarily bypassed", *RATE_LIMIT_PROBES),
        _LINES.tried("auth-still-works", "login and refresh still work", LOGIN_DURING, REFRESH_DURING),
        _LINES.tried("exams-go-on", "sessions are created, answered and submitted", *WHOLE_EXAM_PROBES),
        _LINES.warnings_logged(),
        _LINES.not_ready_without("Redis"),
        _LINES.exam_mode_stays(),
        # the exam that continues is judged with everything else that is tried
        *_LINES.usual(continues=False, but=STAYS_DURING),
    ),
    always=True,
    continues=True,
    needs_redis=True,
    before=_before,
    during=_during,
    after=_after,
    warnings=_warnings,
)
