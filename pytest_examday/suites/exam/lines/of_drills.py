"""The lines of each drill."""

from pytest_examday.config.drills import DRILL_NAMES, activity_of
from pytest_examday.core.line import Line
from pytest_examday.suites.exam.lines.drill_lines import LinesOf

_REDIS = LinesOf("redis_outage", "redis", "A) Redis Failure")
_WORKER = LinesOf("worker_loss", "worker", "B) Backend Worker Restart")
_BACKEND = LinesOf("recovery", "backend", "Full Backend Restart", 7)


def _further(name: str) -> tuple[Line, ...]:
    title = name.replace("_", " ").capitalize()
    phase = 7 if name == "system_restart" else 3
    return LinesOf(f"drill_{name}", name.replace("_", "-"), title, phase).usual()


OF_DRILLS: dict[str, tuple[Line, ...]] = {
    "redis_outage": (
        _REDIS.tried("rate-limits-are-bypassed", "rate limits temporarily bypassed", "rate limit"),
        _REDIS.tried("auth-still-works", "auth still works", "login", "refresh"),
        _REDIS.tried("exams-go-on", "sessions are created, answered and submitted", "create", "answer", "submit"),
        _REDIS.everything_tried(),
        _REDIS.no_crash(),
        _REDIS.harm_within_limits(),
        _REDIS.warnings_logged(),
        _REDIS.nothing_lost(),
        _REDIS.everyone_submits(),
        _REDIS.recovered(),
        _REDIS.few_errors_afterwards(),
    ),
    "worker_loss": (
        _WORKER.tried("others-serve-traffic", "other workers serve traffic", "others serve"),
        _WORKER.tried("clients-retry-safely", "clients retry safely", "retry"),
        _WORKER.everything_tried(),
        _WORKER.no_crash(),
        _WORKER.harm_within_limits(),
        _WORKER.nothing_lost(),
        _WORKER.everyone_submits(),
        _WORKER.recovered(),
        _WORKER.few_errors_afterwards(),
    ),
    "recovery": (
        _BACKEND.restarted(),
        _BACKEND.recovered(),
        _BACKEND.restored("health-is-restored", "Services Restored: health endpoint", "health"),
        _BACKEND.restored("ready-is-restored", "Services Restored: ready endpoint", "ready"),
        _BACKEND.restored("session-creation-is-restored", "Services Restored: session creation", "create"),
        _BACKEND.restored("answer-submission-is-restored", "Services Restored: answer submission", "answer"),
        _BACKEND.restored("session-submit-is-restored", "Services Restored: session submit", "submit"),
        _BACKEND.few_errors_afterwards(),
        _BACKEND.everyone_submits("sessions-continue", "session continuity: every candidate submits"),
    ),
    **{activity_of(name): _further(name) for name in DRILL_NAMES},
}
"""Activity of a drill -> its lines."""
