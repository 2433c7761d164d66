"""The fields of the report template (source document 000), phase by phase, filled from the evidence."""

from collections.abc import Callable
from typing import Any

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import OperationFigures
from pytest_examday.report.drill_words import recovery_sentence, stage_sentences
from pytest_examday.report.figure_words import (
    listed,
    milliseconds,
    number,
    percent,
    plural,
    printable_line,
    seconds,
)
from pytest_examday.report.issues import line_issues
from pytest_examday.report.view import Box, View, not_measured
from pytest_examday.suites.exam.evidence import FreezeEvidence, IntegrityEvidence, LoadEvidence, ObservabilityEvidence
from pytest_examday.suites.exam.gates import FAILURES_HANDLED
from pytest_examday.suites.exam.lines.integrity import AFTER_RECOVERY_PREFIX, CHECKS
from pytest_examday.suites.exam.never_measured import NEEDS_BROWSER
from pytest_examday.suites.exam.report import counts_in_words, load_sentences, sentences
from pytest_examday.suites.exam.report.source import Source, Sources

_UNSEEN = Box(False, not_measured(NEEDS_BROWSER))
_OPEN = "open at once, as PostgreSQL counts: in use or idle"
_OF_ALL_WORKERS = "connections, all workers together"
NOT_REHEARSED = "not rehearsed in this run"

Fields = dict[str, Any]


def freeze(view: View, source: Source[FreezeEvidence]) -> Fields:
    """Phase 1."""
    return {
        "exam_mode": source.figure(_exam_mode, "exam mode was never read"),
        "cron": view.box("no-cron-jobs-running"),
        "scheduled": view.box("scheduled-tasks-are-skipped"),
        "analytics": view.box("heavy-analytics-are-disabled"),
        "health": view.box("health-is-accessible"),
        "ready": view.box("ready-is-accessible"),
        "create": view.box("session-creation-works"),
        "answer": view.box("answer-submission-works"),
    }


def _exam_mode(freeze: FreezeEvidence) -> str | None:
    readings, flag = freeze.exam_mode_readings, freeze.exam_mode_flag
    if not readings:
        return None if flag is None or flag.on is None else f"{str(flag.on).lower()} (by {flag.whose})"
    on = sum(reading is True for reading in readings)
    word = "true" if on == len(readings) else "MIXED" if on else "false"
    workers = f", answered by {listed(freeze.workers_seen)}" if freeze.workers_seen else ""
    return f"{word} ({on} of {len(readings)} readings say true{workers})"


def load(view: View, source: Source[LoadEvidence]) -> Fields:
    """Phase 2. The field for degradation is filled from the lines of the Redis drill, because only Redis' absence shows
    it."""
    return {
        "users": source.figure(_users),
        "duration": source.figure(lambda record: seconds(record.ended - record.started)),
        "type": source.figure(lambda record: record.test_type),
        "all": source.figure(counts_in_words.all_operations),
        "create": _operation(source, "create"),
        "answer": _operation(source, "answer"),
        "submit": _operation(source, "submit"),
        "delivered": source.figure(load_sentences.delivery_sentence),
        "parts": () if source.record is None else tuple(map(load_sentences.part_sentence, source.record.parts)),
        "no_parts": source.figure(lambda record: None, "the parts of the exam were not distinguished"),
        "deadline": source.figure(
            load_sentences.deadline_sentence, "the exam of this load had no submission before a deadline"
        ),
        "kinds": source.figure(load_sentences.errors_by_kind),
        "connections": source.figure(lambda record: counts_in_words.with_words(record.pool.peak_connections, _OPEN)),
        "pool_size": source.figure(lambda record: counts_in_words.with_words(record.pool.pool_size, _OF_ALL_WORKERS)),
        "overflow": source.figure(lambda record: counts_in_words.with_words(record.pool.max_overflow, _OF_ALL_WORKERS)),
        "usage": source.figure(lambda record: counts_in_words.peak_usage(record.pool)),
        "exhausted": view.opposite("pool-was-not-exhausted"),
        "redis_failures": source.figure(lambda record: number(record.redis_connection_failures)),
        "redis_reconnects": source.figure(lambda record: number(record.redis_reconnects)),
        "degradation": view.yes_no(
            line for line in view.needing("drill_redis_outage") if FAILURES_HANDLED in line.gates
        ),
    }


def _users(load: LoadEvidence) -> str:
    made = load.generator
    return f"{load.candidates} ({made.started_actors} started, {made.finished_actors} finished)"


def _operation(source: Source[LoadEvidence], name: str) -> dict[str, str]:
    """The figures of one operation; a percentile of nothing is not measured."""

    def tell(figure: Callable[[OperationFigures], str | None]) -> str:
        def of_load(record: LoadEvidence) -> str | None:
            figures = record.operation(name)
            if figures is None or figures.requests == 0:
                return not_measured("no such request was counted")
            return figure(figures)

        return source.figure(of_load, "no figure of it was counted")

    return {
        "requests": source.figure(
            lambda record: counts_in_words.requests_of(record, name), "no figure of it was counted"
        ),
        "success": tell(lambda figures: percent(figures.success_rate)),
        "p50": tell(lambda figures: milliseconds(figures.p50_ms)),
        "p95": tell(lambda figures: milliseconds(figures.p95_ms)),
        "p99": tell(lambda figures: milliseconds(figures.p99_ms)),
        "errors": tell(lambda figures: f"{figures.errors} ({percent(figures.error_rate) or 'no share'})"),
        "response_times": tell(_response_times),
        "statuses": tell(lambda figures: ", ".join(f"{count} {name}" for name, count in figures.by_status.items())),
    }


def _response_times(figures: OperationFigures) -> str | None:
    """The response times; None if no action had one."""
    p50, p95, p99, longest = (
        milliseconds(value)
        for value in (
            figures.response_p50_ms,
            figures.response_p95_ms,
            figures.response_p99_ms,
            figures.response_max_ms,
        )
    )
    return None if p95 is None else f"p50 {p50}, p95 {p95}, p99 {p99}, longest {longest}"


def redis_failure(view: View, source: Source[DrillEvidence]) -> Fields:
    """Phase 3 A."""
    return {
        **_drill(source),
        "limits": view.box("redis-outage-rate-limits-are-bypassed"),
        "auth": view.box("redis-outage-auth-still-works"),
        "crashes": view.box("redis-outage-no-request-crashes"),
        "warnings": view.box("redis-outage-warnings-are-logged"),
    }


def worker_loss(view: View, source: Source[DrillEvidence]) -> Fields:
    """Phase 3 B."""
    return {
        **_drill(source),
        "others": view.box("worker-loss-others-serve-traffic"),
        "lost": view.box("worker-loss-no-lost-answers"),
        "retry": view.box("worker-loss-clients-retry-safely"),
    }


_EXPECTED = {
    "serves": "everybody is served, and nothing that was acknowledged is lost",
    "cuts": "who is cut off tries again and is served, and nothing that was acknowledged is lost",
    "outage": "nobody is served while it lasts, and nothing that was acknowledged is lost",
}
NETWORK_DELAY = "drill_network_delay"


def network_delay(view: View, sources: Sources) -> Fields:
    """Phase 3 C."""
    source = sources.further.get(NETWORK_DELAY)
    if source is None:
        return {
            **dict.fromkeys(("scenario", "expected", "actual", "recovery"), NOT_REHEARSED),
            "issues": (NOT_REHEARSED,),
        }
    return _further(view, NETWORK_DELAY, source)


def further(view: View, sources: Sources, phase: int) -> tuple[Fields, ...]:
    """The other drills of a phase that the profile added."""
    return tuple(
        {"title": view.suite.drill_by_activity[name].title, **_further(view, name, source)}
        for name, source in sources.further.items()
        if name != NETWORK_DELAY and view.suite.drill_by_activity[name].phase == phase
    )


def _further(view: View, activity: str, source: Source[DrillEvidence]) -> Fields:
    return {
        **_drill(source),
        "expected": source.figure(lambda record: _EXPECTED[_kind(record)]),
        "issues": line_issues(view.needing(activity)),
    }


def _kind(drill: DrillEvidence) -> str:
    return "outage" if drill.outage else "cuts" if drill.cuts_connections else "serves"


def _drill(source: Source[DrillEvidence]) -> Fields:
    return {
        "scenario": source.figure(
            lambda record: f"{printable_line(record.scenario)} (held for {seconds(record.held_seconds)})"
        ),
        "actual": source.figure(_actual),
        "recovery": source.figure(_recovery, "recovery was not watched"),
    }


def _actual(drill: DrillEvidence) -> str:
    stages = ". ".join(sentence[0].upper() + sentence[1:] for sentence in stage_sentences(drill))
    found = drill.reconciliation
    kept = (
        "Answers were not compared with the database"
        if found is None
        else f"{found.kept} of {plural(found.acknowledged, 'acknowledged answer')} of this drill kept"
    )
    warned = "" if drill.warnings_logged is None else f"; {plural(drill.warnings_logged, 'warning')} logged"
    return f"{plural(len(drill.fates), 'candidate')} of this drill's own were working. {stages}. {kept}{warned}"


def _recovery(drill: DrillEvidence) -> str | None:
    if not drill.recoveries:
        return None
    if drill.recovery_seconds is None:
        return recovery_sentence(drill)
    each = ", ".join(
        f"{recovery.name} {recovery.seconds:.1f} s" for recovery in drill.recoveries if recovery.seconds is not None
    )
    took = seconds(drill.recovery_seconds)
    return f"{took} from the start of the fault's removal until everything answered again ({each})"


def integrity(sources: Sources) -> Fields:
    """Phase 4, and what has changed when it is judged again after the recovery drill."""
    stored = sources.stored
    summary = ("sessions", "submitted_sessions", "answers", "events", "sessions_with_submit_event")
    return {
        "checks": {title: _check(sources, name) for name, title in _titles(stored).items()},
        "summary": {name: _summary(stored, name) for name in summary},
        "scope": stored.figure(counts_in_words.stored_rows),
        "ledger": stored.figure(lambda record: sentences.ledger_sentence(record.reconciliation)),
        "log": stored.figure(_event_history, "it was not read"),
        "unjudged": stored.figure(lambda record: listed(record.reconciliation.unjudged, 20) or "nothing"),
        "source": _state_source(stored),
        "looked": "after the recovery drill" if sources.integrity_after.record else "in phase 4",
    }


def _titles(stored: Source[IntegrityEvidence]) -> dict[str, str]:
    """The titles of the SQL checks: those of the template, then every other one that was run."""
    titles = {name: check.label for name, check in CHECKS.items()}
    run = () if stored.record is None else stored.record.checks
    return titles | {check.name: check.title for check in run if check.name not in titles}


def _state_source(source: Source[IntegrityEvidence]) -> str:
    by_api = source.record is not None and source.record.reconciliation.source == "api"
    return "what the API shows its candidates" if by_api else "the database"


def _event_history(record: IntegrityEvidence) -> str | None:
    found = record.reconciliation
    if not found.history_read:
        return None
    differing = f"{found.event_missing} not in it, {found.event_disagrees} with another value"
    had = f"; of the answers lost or changed it has {found.losses_in_history}" if found.lost or found.stale else ""
    return f"of {plural(found.kept, 'kept answer')} {differing}{had}"


def _summary(source: Source[IntegrityEvidence], name: str) -> str:
    def count(record: IntegrityEvidence) -> str | None:
        figure = None if record.summary is None else getattr(record.summary, name)
        return None if figure is None else str(figure)

    return source.figure(count, _why_unchecked(source))


def _why_unchecked(source: Source[IntegrityEvidence]) -> str:
    return (source.record and source.record.checks_unmeasured) or "this check was not run"


def _check(sources: Sources, name: str) -> str:
    """The count of one SQL check; both counts if it differs after the recovery drill."""

    def count(record: IntegrityEvidence) -> str | None:
        return next((str(check.count) for check in record.checks if check.name == name), None)

    last = sources.stored.figure(count, _why_unchecked(sources.stored))
    first = sources.integrity.figure(count, _why_unchecked(sources.integrity))
    changed = sources.integrity.record is not None and first != last
    return f"{first} in phase 4, {last} after the recovery drill" if changed else last


def experience(view: View) -> Fields:
    """Phase 5. Fields that only a browser could fill are not measured."""
    return {
        "spinner": _UNSEEN,
        "graceful": _UNSEEN,
        "resume": view.box("resume-works-after-refresh"),
        "timer": view.box("timer-behaves-correctly"),
        "refresh": view.box("token-refresh-does-not-interrupt-session"),
        "logout": view.box("logout-does-not-delete-active-attempt-state"),
    }


def observability(view: View, source: Source[ObservabilityEvidence]) -> Fields:
    """Phase 6."""
    return {
        "logged": source.figure(counts_in_words.logged_requests),
        "p50": source.figure(lambda record: milliseconds(record.p50_ms), "the logs hold no duration"),
        "p95": source.figure(lambda record: milliseconds(record.p95_ms), "the logs hold no duration"),
        "p99": source.figure(lambda record: milliseconds(record.p99_ms), "the logs hold no duration"),
        "slow": source.figure(lambda record: number(record.slow_queries)),
        "very_slow": source.figure(lambda record: number(record.very_slow_queries)),
        "errors": source.figure(counts_in_words.logged_errors),
        "server_errors": source.figure(lambda record: number(record.server_errors)),
        "rate": source.figure(lambda record: percent(record.error_rate), "the logs hold no request"),
        "peak": source.figure(lambda record: counts_in_words.peak_usage(record.pool)),
        "average": source.figure(lambda record: counts_in_words.average_usage(record.pool)),
        "reconnects": source.figure(lambda record: number(record.redis_reconnects)),
        "traceable": view.yes_no([view.line("request-id-traceability")]),
    }


def _restart(drill: DrillEvidence) -> str | None:
    took = seconds(drill.restart_seconds)
    return took and f"{took} to start the backend again, after it had been stopped for {seconds(drill.held_seconds)}"


def recovery(view: View, sources: Sources) -> Fields:
    """Phase 7."""
    source = sources.recovery
    return {
        "restart": source.figure(_restart, "the start was not timed"),
        "recovery": source.figure(_recovery, "recovery was not watched"),
        "actual": source.figure(_actual),
        "health": view.box("health-is-restored"),
        "ready": view.box("ready-is-restored"),
        "create": view.box("session-creation-is-restored"),
        "answer": view.box("answer-submission-is-restored"),
        "submit": view.box("session-submit-is-restored"),
        "consistent": view.yes_no(line for line in view.lines if line.key.startswith(AFTER_RECOVERY_PREFIX)),
    }
