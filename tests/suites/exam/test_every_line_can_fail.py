"""Every line of the exam passes on good evidence, is red on what it is there for, and is never green on nothing.

A row plants one thing in the evidence of a rehearsal in which everything else went well, and names every line that
must then be red. A line that no row names fails a test, and so does a gate that no row turns red alone.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from pytest_examday.core.line import Line
from pytest_examday.evidence.drill_evidence import READ_BACK
from pytest_examday.evidence.figures import ErrorCount, OpenFiles
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import EVENT_HISTORY
from pytest_examday.record import Record
from pytest_examday.suites.exam.evidence import ExamModeAgain, ExamModeFlag, IntegrityEvidence
from pytest_examday.suites.exam.lines.integrity import CHECKS
from pytest_examday.suites.exam.probe_names import AS_BEFORE, NOT_READY_WITHOUT_IT, RULES_PROBES, STAYS_DURING
from pytest_examday.suites.exam.rules.all_rules import RULES
from pytest_examday.suites.exam.suite import SUITE
from tests import builders
from tests.builders import (
    drill,
    effects,
    experience,
    failing,
    figures,
    freeze,
    load,
    observability,
    probe,
    probes,
    switch,
    table_change,
)

USUAL = ("drill_postgres_crash", *builders.FURTHER_DRILLS)
"""The drills that are judged by the usual lines."""
_HERE = "tests/suites/exam/test_every_line_can_fail.py"
GOOD: dict[str, Record] = builders.good_run(*builders.FURTHER_DRILLS)
"""A rehearsal with every drill."""


class Planted(NamedTuple):
    """One thing planted in the evidence of one activity, and the lines that it turns red, separated by blanks."""

    activity: str
    record: Record
    lines: str

    @property
    def red(self) -> set[str]:
        """The keys of these lines."""
        return set(self.lines.split())


_LAST_PART = builders.part("deadline", failing(400, 5), operations=(failing(40, 5, operation="submit"),))
_LUMPS = (
    (builders.window(0, ramp=True, figures=failing(100, 8)), *(builders.window(number) for number in range(1, 9))),
    tuple(
        builders.window(number, operations={"submit": ErrorCount(judged=60, errors=errors)})
        for number, errors in enumerate((0, 0, 0, 0, 5, 5, 0, 0))
    ),
)
"""Errors of the first two seconds, and of one operation in two windows."""
_SHOWN_STALE = builders.fate("bob", shown_wrongly=("read, question q3: expected B, shown nothing",))
_SHOWN_NOTHING = builders.fate("bob", not_comparable={"review": "shows answers without question and value"})
_FAILED = "HTTP 500"
_ENDPOINTS = {
    "health": "health-is-accessible",
    "ready": "ready-is-accessible",
    "create": "session-creation-works",
    "answer": "answer-submission-works",
    "submit": "session-submit-works",
}
_OPERATIONS = {"create": "session-creation", "answer": "answer-submissions", "submit": "session-submits"}
_UNTOLD_POOL = builders.pool(peak_usage=None, sustained_usage=None)
_EXPERIENCED = {
    "resume": "resume-works-after-refresh",
    "refresh": "token-refresh-does-not-interrupt-session",
    "logout": "logout-does-not-delete-active-attempt-state",
}
_RESTORED = {
    "health": "health-is-restored",
    "ready": "ready-is-restored",
    "create": "session-creation-is-restored",
    "answer": "answer-submission-is-restored",
    "submit": "session-submit-is-restored",
}
_STUCK = builders.fate("eve", finished=False, finished_at=None, story="submit was refused with HTTP 409")
_ALL_ENDPOINTS = (*_ENDPOINTS, "review")


def _endpoints(broken: str) -> Record:
    return freeze(
        endpoints=(*probes(*(name for name in _ALL_ENDPOINTS if name != broken)), probe(broken, False, _FAILED))
    )


def _untried(name: str) -> Record:
    return freeze(endpoints=probes(*(other for other in _ALL_ENDPOINTS if other != name)))


def _drill(activity: str, lines: str, **fields: object) -> Planted:
    return Planted(activity, drill(activity, **fields), lines)


def _with_probe(activity: str, name: str) -> dict[str, object]:
    """The drill's probes, of which this one failed."""
    good = tuple(one for one in drill(activity).probes if one.name != name)
    return {"probes": (*good, probe(name, False, _FAILED))}


def _without_probe(activity: str, name: str) -> dict[str, object]:
    """The drill's probes but for those with this in their name."""
    return {"probes": tuple(one for one in drill(activity).probes if name not in one.name)}


def _with_untried(activity: str, name: str) -> dict[str, object]:
    """The drill's probes, of which this one could not be tried."""
    good = tuple(one for one in drill(activity).probes if one.name != name)
    return {"probes": (*good, Probe.untried(name, "HTTP 503"))}


def _no_probes() -> dict[str, object]:
    return {"probes": ()}


_SILENT = builders.stage("during", figures("all", 0, None, succeeded=0, by_outcome={}), operations=())
_SILENT_AFTER = builders.stage("after", figures("all", 0, None, succeeded=0, by_outcome={}), operations=())
_AFTERWARDS = "{0}-requests-succeed-afterwards {0}-requests-are-fast-afterwards"
_LATE_AFTER = builders.stage("after", operations=(figures("answer", 50, 3007.0),))
_LATE_SUBMITS_AFTER = {
    "undisturbed": (figures("submit", 40),),
    "after": builders.stage("after", operations=(figures("answer", 50), figures("submit", 8, 3100.0, p50_ms=3000.0))),
}
"""So few submits that their median counts; the load tells how fast they are without a fault."""
_LATE_READS_AFTER = builders.stage("after", operations=(figures("read", 30, 3007.0),))
"""Late, and nobody knows how late before the fault."""
_CRASHED: dict[str, object] = {
    "during": builders.stage("during", failing(60, 60, "transport"), operations=()),
    "cuts_connections": False,
}
_CRASHED_SUBMIT: dict[str, object] = {
    "during": builders.stage("during", operations=(failing(50, 1, operation="submit"),)),
    "cuts_connections": False,
}
_LATE = {"recoveries": builders.recoveries(builders.recovery("worker-1", 90.0))}
_NEVER = {"recoveries": builders.recoveries(builders.recovery("worker-1", None, "not seen to answer"))}


def _failures_of(activity: str, prefix: str) -> list[Planted]:
    """What every drill that injects a failure is judged by."""
    return [
        _drill(activity, f"{prefix}-no-request-crashes", **_CRASHED),
        _drill(activity, f"{prefix}-no-request-crashes", **_CRASHED_SUBMIT),
        _drill(activity, f"{prefix}-harm-stays-within-limits", stopped_because="20 of 30 requests failed"),
        _drill(activity, f"{prefix}-harm-stays-within-limits", fates=(builders.waiter("cyd"),)),
        *(
            _drill(activity, f"{prefix}-no-lost-answers", reconciliation=builders.reconciliation(**{kind: 1}))
            for kind in ("lost", "stale", "vanished", "lost_submits")
        ),
        _drill(activity, f"{prefix}-everyone-submits", fates=(_STUCK,)),
        _drill(activity, f"{prefix}-expected-behavior", **_with_probe(activity, "something else during")),
        _drill(activity, f"{prefix}-recovery-time", fault_gone=False, fault_gone_detail="still there"),
        *_ready_of(activity, prefix, _with_probe(activity, NOT_READY_WITHOUT_IT), "expected-behavior"),
        *(_drill(activity, key, **_with_probe(activity, name)) for key in _as_before(prefix) for name in AS_BEFORE),
        *_rules_of(activity, prefix, _with_probe),
        *_recovery_of(activity, prefix),
    ]


def _as_before(prefix: str) -> list[str]:
    """The line on workers that were started again, if the drill has it."""
    return [key for key in SUITE.line_by_key if key == f"{prefix}-workers-are-as-before"]


def _rules_of(activity: str, prefix: str, planted: Callable[[str, str], dict[str, object]]) -> list[Planted]:
    """The rows for the line on the rules of an exam after a restart, if the drill has it."""
    key = f"{prefix}-rules-are-kept-afterwards"
    return [_drill(activity, key, **planted(activity, name)) for name in RULES_PROBES if key in SUITE.line_by_key]


def _ready_of(activity: str, prefix: str, fields: dict[str, object], beside: str | None = None) -> list[Planted]:
    """A row for the line on readiness, if the drill has one; it may turn another line red too."""
    lines = [f"{prefix}-not-ready-without-it", *([f"{prefix}-{beside}"] if beside else [])]
    return [_drill(activity, " ".join(lines), **fields)] if lines[0] in SUITE.line_by_key else []


def _recovery_of(activity: str, prefix: str) -> list[Planted]:
    """What the recovery of every drill is judged by."""
    return [
        _drill(activity, f"{prefix}-recovery-time", **_LATE),
        _drill(activity, f"{prefix}-recovery-time", **_NEVER),
        _drill(
            activity,
            f"{prefix}-requests-succeed-afterwards",
            after=builders.stage("after", failing(100, 2)),
        ),
        _drill(activity, f"{prefix}-requests-are-fast-afterwards", after=_LATE_AFTER),
        _drill(activity, f"{prefix}-candidates-see-what-was-acknowledged", fates=(_SHOWN_STALE,)),
        _drill(activity, f"{prefix}-requests-are-fast-afterwards", **_LATE_SUBMITS_AFTER),
    ]


def _further(activity: str) -> list[Planted]:
    prefix = activity.removeprefix("drill_").replace("_", "-")
    return [
        *_failures_of(activity, prefix),
        *(
            _drill(activity, f"{prefix}-expected-behavior {prefix}-clients-retry-safely", **_with_probe(activity, name))
            for name in ("resume after", "submit after")
        ),
    ]


def _stored(activity: str, prefix: str) -> list[Planted]:
    """What both looks at what is stored are judged by."""
    checks = [Planted(activity, builders.integrity({name: 1}), f"{prefix}{name.replace('_', '-')}") for name in CHECKS]
    ledger = [
        Planted(activity, builders.integrity(**{kind: 1}), f"{prefix}{line}")
        for line, kinds in {
            "every-acknowledged-answer-is-kept": ("lost", "stale", "vanished", "lost_submits"),
            "the-platforms-own-log-agrees": ("event_missing", "event_disagrees"),
            "every-score-is-as-earned": ("wrong_scores",),
            "every-submission-has-one-result": ("two_results",),
            "nothing-is-stored-that-nobody-sent": (
                "never_sent",
                "accepted_after_submit",
                "owner_changed",
                "shared_owners",
                "duplicate_sessions",
                "other_questions",
            ),
        }.items()
        for kind in kinds
    ]
    history = builders.integrity(changed_keys=3, history_missing=1)
    ledger.append(Planted(activity, history, f"{prefix}the-platforms-own-log-agrees"))
    return [*checks, *ledger, Planted(activity, further_check(), f"{prefix}other-checks-find-nothing")]


def further_check(count: int = 7) -> IntegrityEvidence:
    """An SQL check that no line names found so many rows."""
    good = builders.integrity()
    return good.model_copy(update={"checks": (*good.checks, builders.sql_check("sessions_without_owner", count))})


def _flag(*, on: bool | None) -> ExamModeFlag:
    return ExamModeFlag(whose="the database's flag", on=on, detail="the statement gives no row")


_NOT_REFUSED = ExamModeAgain(probes=(probe("protected operations after", False, "rank runs: HTTP 202"),))

FAILS: list[Planted] = [
    Planted("exam_mode", switch(seconds=None), "exam-mode-was-switched-on"),
    Planted("freeze", freeze(exam_mode_flag=_flag(on=False)), "exam-mode-is-on"),
    Planted("freeze", freeze(exam_mode_readings=(True, False)), "exam-mode-is-on"),
    Planted("freeze", freeze(exam_mode_by_worker={"worker-1": False}), "exam-mode-is-on"),
    Planted("freeze", freeze(exam_mode_environment={"worker-2": "false"}), "every-worker-runs-with-exam-mode"),
    Planted("freeze", freeze(exam_mode_environment={"worker-2": None}), "every-worker-runs-with-exam-mode"),
    Planted("freeze", freeze(background_processes=("celery beat",)), "no-cron-jobs-running"),
    Planted("freeze", freeze(jobs=(probe("regenerate", False, "ran"),)), "scheduled-tasks-are-skipped"),
    Planted(
        "freeze",
        freeze(protected=(probe("rank runs", False, "HTTP 202"),)),
        "heavy-analytics-are-disabled protected-operations-are-refused",
    ),
    Planted(
        "freeze",
        freeze(protected=(probe("rank runs"), probe("bulk question import", False, "HTTP 202"))),
        "protected-operations-are-refused",
    ),
    Planted("freeze", freeze(allowed=(probe("dry run", False, "HTTP 403"),)), "allowed-operations-are-accepted"),
    Planted("freeze", freeze(effects=effects(table_change())), "refusals-and-dry-runs-have-no-effect"),
    *(Planted("freeze", _endpoints(name), key) for name, key in _ENDPOINTS.items()),
    Planted("freeze", _endpoints("review"), "other-operations-work"),
    Planted("load", load(generator=builders.generator(finished_actors=9)), "every-candidate-came-to-the-end"),
    Planted("load", load(windows=builders.windows(501.0, 501.0, 501.0)), "p95-stays-below-the-limit"),
    *(
        Planted("load", load(steady=builders.exam_figures(figures(name, 300, 501.0))), f"{key}-latency")
        for name, key in _OPERATIONS.items()
    ),
    *(
        Planted("load", load(steady=builders.exam_figures(figures(name, 300, response_p95_ms=501.0))), f"{key}-latency")
        for name, key in _OPERATIONS.items()
    ),
    Planted("load", load(steady=builders.exam_figures(figures("login", 20, 501.0))), "other-operations-latency"),
    Planted(
        "load", load(operations=builders.exam_figures(failing(40, 4, operation="review"))), "other-operations-errors"
    ),
    Planted("load", load(fates=(builders.waiter(),)), "nobody-was-harmed-by-waiting-in-load"),
    Planted("load", load(slowest=(builders.actor_wait("bob", 4000.0),)), "slowest-candidate-median"),
    Planted("load", load(overall=failing(400, 5)), "error-rate-of-the-load"),
    Planted("load", load(parts=(_LAST_PART,)), "error-rate-of-each-part"),
    Planted("load", load(parts=(builders.part("arrivals", failing(130, 2)),)), "error-rate-of-each-part"),
    *(Planted("load", load(windows=windows), "error-rate-of-each-window") for windows in _LUMPS),
    *(
        Planted(
            "load", load(operations=builders.exam_figures(figures(name, 300, limited=60))), "candidates-are-not-refused"
        )
        for name in ("answer", "submit", "read", "review")
    ),
    *(
        Planted("load", load(operations=builders.exam_figures(failing(300, 4, operation=name))), f"{key}-errors")
        for name, key in _OPERATIONS.items()
    ),
    Planted("load", load(fates=(_STUCK, builders.fate())), "every-candidate-submitted"),
    Planted("load", load(fates=(builders.fate(finished_at=builders.EPOCH + 22),)), "every-submission-in-time"),
    Planted("load", load(fates=(_SHOWN_STALE, builders.fate())), "candidates-see-what-was-acknowledged"),
    Planted("load", load(fates=(_SHOWN_NOTHING, builders.fate())), "candidates-see-what-was-acknowledged"),
    Planted("load", load(pool=builders.pool(sustained_usage=0.8)), "database-connection-pool"),
    Planted("load", load(memory=builders.memory(middle=100 * 2.0**20, last=140 * 2.0**20)), "memory-stays-stable"),
    Planted("load", load(open_files=OpenFiles(samples=20, middle=40.0, last=90.0)), "open-files-stay-stable"),
    Planted("load", load(pool=builders.pool(exhausted=True)), "pool-was-not-exhausted"),
    Planted("load", load(redis_connection_failures=1), "redis-status"),
    Planted("load", load(ready_degraded=1), "redis-status ready-under-load"),
    _drill(
        "drill_redis_outage",
        "redis-outage-rate-limits-are-bypassed redis-outage-expected-behavior",
        **_with_probe("drill_redis_outage", "rate limit during"),
    ),
    *(
        _drill(
            "drill_redis_outage",
            "redis-outage-auth-still-works redis-outage-expected-behavior",
            **_with_probe("drill_redis_outage", f"{name} during"),
        )
        for name in ("login", "refresh")
    ),
    *(
        _drill(
            "drill_redis_outage",
            "redis-outage-exams-go-on redis-outage-expected-behavior",
            **_with_probe("drill_redis_outage", f"{name} during"),
        )
        for name in ("create", "answer", "submit")
    ),
    _drill("drill_redis_outage", "redis-outage-warnings-are-logged", warnings_logged=0),
    *(
        _drill("drill_redis_outage", "redis-outage-exam-mode-stays", **_with_probe("drill_redis_outage", name))
        for name in STAYS_DURING
    ),
    *_failures_of("drill_redis_outage", "redis-outage"),
    _drill(
        "drill_worker_loss",
        "worker-loss-others-serve-traffic worker-loss-expected-behavior",
        **_with_probe("drill_worker_loss", "others serve"),
    ),
    _drill(
        "drill_worker_loss",
        "worker-loss-clients-retry-safely worker-loss-expected-behavior",
        **_with_probe("drill_worker_loss", "retry"),
    ),
    *_failures_of("drill_worker_loss", "worker-loss"),
    *(row for activity in USUAL for row in _further(activity)),
    *_rules_of("drill_backend_restart", "backend-restart", _with_probe),
    *_recovery_of("drill_backend_restart", "backend-restart"),
    _drill(
        "drill_backend_restart",
        "backend-restart-restart-time backend-restart-recovery-time",
        fault_gone=False,
        fault_gone_detail="still there",
    ),
    *(
        _drill(
            "drill_backend_restart",
            f"backend-restart-recovery-time {key}",
            recoveries=builders.recoveries(builders.recovery(name, seconds)),
        )
        for name, key in _RESTORED.items()
        for seconds in (None, 90.0)
    ),
    _drill("drill_backend_restart", "backend-restart-sessions-continue", fates=(_STUCK,)),
    _drill(
        "drill_backend_restart",
        "backend-restart-harm-stays-within-limits",
        stopped_because="candidates were kept waiting",
    ),
    _drill("drill_backend_restart", "backend-restart-harm-stays-within-limits", fates=(builders.waiter("cyd"),)),
    _drill("drill_backend_restart", "backend-restart-no-lost-answers", reconciliation=builders.reconciliation(lost=1)),
    _drill(
        "drill_backend_restart",
        "backend-restart-nothing-tried-fails",
        **_with_probe("drill_backend_restart", "something else during"),
    ),
    *_stored("integrity", ""),
    *_stored("integrity_after", "data-consistency-"),
    *(Planted("experience", experience(probe(name, False, _FAILED)), key) for name, key in _EXPERIENCED.items()),
    Planted("experience", experience(probe("keyboard", False, _FAILED)), "everything-else-works"),
    Planted("experience", experience(builders.trial("a-rule-of-tomorrow", held=False)), "everything-else-works"),
    *(Planted("experience", experience(builders.trial(one.key, held=False)), one.key) for one in RULES),
    Planted("load", load(ready_readings=6, ready_silent=4), "ready-under-load"),
    Planted("observability", observability(p95_ms=501.0), "request-duration"),
    Planted("observability", observability(very_slow_queries=9), "database-query-duration"),
    Planted("observability", observability(very_slow_queries=2, requests_disturbed=700), "database-query-duration"),
    Planted("observability", observability(server_errors=9, error_rate=0.0102), "error-rates"),
    Planted("observability", observability(pool=builders.pool(sustained_usage=0.8)), "database-pool-usage"),
    Planted("observability", observability(traced=199, trace_missing=("ed-1",)), "request-id-traceability"),
    Planted("observability", observability(contradictions={"status": 1}), "log-lines-say-what-clients-saw"),
    Planted("observability", observability(contradictions={"user": 1}), "log-lines-say-what-clients-saw"),
    Planted("observability", observability(contradictions={"duration": 9}), "log-lines-say-what-clients-saw"),
    Planted(
        "observability",
        observability(clock_offsets={"worker-1.log": 0.1, "worker-2.log": -300.0}),
        "log-lines-say-what-clients-saw",
    ),
    Planted(
        "observability", observability(missing_in_drills={"drill_worker_loss": ("ed-1",)}), "request-id-traceability"
    ),
    Planted("observability", observability(secrets_logged=("a password in a.log",)), "log-lines-hold-no-secret"),
    Planted("observability", observability(incomplete_records=1), "log-records-are-complete"),
    Planted("observability", observability(failures_logged=3, failures_silent=("ed-1",)), "failures-are-logged"),
    Planted("load", load(exam_mode=_NOT_REFUSED), "protected-operations-stay-refused"),
    Planted("load", load(exam_mode_meanwhile=_NOT_REFUSED), "protected-operations-stay-refused"),
    Planted("observability", observability(exam_mode=_NOT_REFUSED), "protected-operations-stay-refused"),
]
"""What is wrong, and the lines that fail."""


_BEGINS = {"log_begins": builders.EPOCH + 9, "log_beginning": "GET /"}
_NOT_FELT: list[dict[str, object]] = [
    {"readings": ()},
    {"readings": builders.readings(builders.reading(READ_BACK, False, "redis was back"))},
    {"readings": builders.readings(builders.reading(present=False, detail="still replied"))},
    {"planned_seconds": 12.0},
]


def _doubts_of(activity: str, prefix: str) -> list[Planted]:
    return [
        _drill(activity, f"{prefix}-no-request-crashes", during=_SILENT),
        _drill(activity, f"{prefix}-no-lost-answers", reconciliation=None),
        _drill(activity, f"{prefix}-no-lost-answers", reconciliation=builders.reconciliation(unread=1)),
        _drill(activity, f"{prefix}-no-lost-answers", reconciliation=builders.reconciliation(acknowledged=0, kept=0)),
        *(_drill(activity, f"{prefix}-fault-is-felt", **planted) for planted in _NOT_FELT),
        *_ready_of(activity, prefix, _without_probe(activity, NOT_READY_WITHOUT_IT)),
        *(_drill(activity, key, **_with_untried(activity, name)) for key in _as_before(prefix) for name in AS_BEFORE),
        *_rules_of(activity, prefix, _with_untried),
        _drill(activity, f"{prefix}-everyone-submits", fates=()),
        _drill(activity, f"{prefix}-recovery-time", recoveries=()),
        _drill(activity, _AFTERWARDS.format(prefix), after=_SILENT_AFTER),
        _drill(activity, f"{prefix}-requests-are-fast-afterwards", after=_LATE_READS_AFTER),
    ]


_OF_PROBES = ("expected-behavior", "clients-retry-safely", "not-ready-without-it", "rules-are-kept-afterwards")


def _doubts_of_further(activity: str) -> list[Planted]:
    prefix = activity.removeprefix("drill_").replace("_", "-")
    return [
        *_doubts_of(activity, prefix),
        _drill(
            activity,
            " ".join(key for key in SUITE.line_by_key if key in {f"{prefix}-{end}" for end in _OF_PROBES}),
            **_no_probes(),
        ),
        *(
            _drill(activity, f"{prefix}-clients-retry-safely", **_without_probe(activity, name))
            for name in ("resume after", "submit after")
        ),
    ]


def _unseen(activity: str, prefix: str) -> list[Planted]:
    good = builders.integrity()
    checks = " ".join(f"{prefix}{name.replace('_', '-')}" for name in CHECKS)
    kept, others = f"{prefix}every-acknowledged-answer-is-kept", f"{prefix}other-checks-find-nothing"
    return [
        Planted(
            activity,
            IntegrityEvidence(
                checks=(),
                summary=None,
                reconciliation=builders.reconciliation(source="api"),
                checks_unmeasured="env.staging.database_url is not set",
            ),
            f"{checks} {others}",
        ),
        Planted(activity, good.model_copy(update={"checks": ()}), f"{checks} {others} {kept}"),
        Planted(activity, builders.integrity(stored_sessions=0), checks),
        Planted(activity, builders.integrity(unread=1), f"{kept} {prefix}nothing-is-stored-that-nobody-sent"),
        Planted(activity, builders.integrity(acknowledged=0, kept=0), f"{kept} {prefix}the-platforms-own-log-agrees"),
        Planted(activity, builders.integrity(scores_compared=0), f"{prefix}every-score-is-as-earned"),
        Planted(activity, builders.integrity(unjudged=(EVENT_HISTORY,)), f"{prefix}the-platforms-own-log-agrees"),
        Planted(
            activity,
            builders.integrity(subjects=0),
            f"{prefix}nothing-is-stored-that-nobody-sent {prefix}every-submission-has-one-result",
        ),
        Planted(activity, builders.integrity(not_shown=("it",)), f"{prefix}nothing-is-stored-that-nobody-sent"),
        Planted(
            activity, builders.integrity(changed_keys=3, history_missing=3), f"{prefix}the-platforms-own-log-agrees"
        ),
    ]


DOUBTS: list[Planted] = [
    Planted("exam_mode", switch(by=None, not_switched="it was on in worker-1"), "exam-mode-was-switched-on"),
    Planted("freeze", freeze(exam_mode_flag=_flag(on=None)), "exam-mode-is-on"),
    Planted("observability", observability(exam_mode=None), "protected-operations-stay-refused"),
    Planted("preflight", builders.preflight(cache="not reached: refused"), "api-answers"),
    Planted("preflight", builders.preflight(database="not reached: refused"), "api-answers"),
    Planted("freeze", freeze(exam_mode_readings=()), "exam-mode-is-on"),
    Planted("freeze", freeze(exam_mode_readings=(True, None)), "exam-mode-is-on"),
    Planted("freeze", freeze(workers_known=("worker-1", "worker-2")), "every-worker-was-read"),
    Planted("freeze", freeze(workers_known=("backend-1",)), "workers-have-one-name"),
    Planted("freeze", freeze(workers_known=(), connections=1), "every-worker-was-read workers-have-one-name"),
    Planted("freeze", freeze(effects=None), "refusals-and-dry-runs-have-no-effect"),
    Planted("freeze", freeze(effects=effects(moving=("audit",))), "refusals-and-dry-runs-have-no-effect"),
    Planted(
        "freeze",
        freeze(effects=effects(table_change(named=False))),
        "protected-operations-are-refused heavy-analytics-are-disabled refusals-and-dry-runs-have-no-effect",
    ),
    Planted(
        "freeze",
        freeze(effects=effects(table_change(kind="job", name="revision_queue_regen", repeated=False))),
        "scheduled-tasks-are-skipped refusals-and-dry-runs-have-no-effect",
    ),
    Planted(
        "freeze",
        freeze(not_called="exam mode is off"),
        "scheduled-tasks-are-skipped heavy-analytics-are-disabled protected-operations-are-refused",
    ),
    Planted("freeze", freeze(exam_mode_environment={}), "every-worker-runs-with-exam-mode"),
    Planted("freeze", freeze(background_processes=None), "no-cron-jobs-running"),
    Planted("freeze", freeze(jobs=()), "scheduled-tasks-are-skipped"),
    Planted("freeze", freeze(protected=()), "heavy-analytics-are-disabled protected-operations-are-refused"),
    Planted("freeze", freeze(protected=(probe("bulk question import"),)), "heavy-analytics-are-disabled"),
    Planted("freeze", freeze(allowed=()), "allowed-operations-are-accepted"),
    *(Planted("freeze", _untried(name), key) for name, key in _ENDPOINTS.items()),
    Planted("freeze", freeze(endpoints=()), " ".join((*_ENDPOINTS.values(), "other-operations-work"))),
    *(Planted("load", load(slowest=slowest), "slowest-candidate-median") for slowest in ((), None)),
    Planted("load", load(generator=builders.generator(delivered_actions=100)), "load-was-delivered"),
    Planted("load", load(arrivals=None), "load-was-delivered"),
    Planted("load", load(windows=builders.windows(20.0, 20.0)), "p95-stays-below-the-limit"),
    Planted("load", load(steady=()), " ".join(f"{key}-latency" for key in _OPERATIONS.values())),
    Planted(
        "load",
        load(steady=builders.exam_figures(figures("login", 20, response_p95_ms=501.0, limited=1))),
        "other-operations-latency",
    ),
    Planted(
        "load",
        load(operations=()),
        " ".join((*(f"{key}-errors" for key in _OPERATIONS.values()), "candidates-are-not-refused")),
    ),
    *(
        Planted(
            "load", load(operations=builders.exam_figures(figures(name, 40, limited=8))), "candidates-are-not-refused"
        )
        for name in ("login", "create")
    ),
    Planted("load", load(parts=()), "error-rate-of-each-part"),
    Planted(
        "load",
        load(windows=tuple(builders.window(number, requests=20) for number in range(4))),
        "error-rate-of-each-window",
    ),
    Planted("load", load(steady=builders.exam_figures(figures("answer", 300, None))), "answer-submissions-latency"),
    Planted("load", load(overall=figures("all", 99)), "error-rate-of-the-load"),
    Planted(
        "load",
        load(fates=()),
        "nobody-was-harmed-by-waiting-in-load every-candidate-submitted every-submission-in-time "
        "candidates-see-what-was-acknowledged",
    ),
    Planted("load", load(fates=(builders.fate(compared={}),)), "candidates-see-what-was-acknowledged"),
    Planted(
        "load",
        load(fates=(builders.fate(compared={}, not_comparable={"read": "shows no answers"}),)),
        "candidates-see-what-was-acknowledged",
    ),
    Planted("load", load(planned={"create": 40, "answer": 300}), "every-candidate-submitted"),
    Planted("load", load(schedule=None), "every-submission-in-time"),
    Planted("load", load(fates=(builders.fate(finished_at=None),)), "every-submission-in-time"),
    Planted("load", load(pool=_UNTOLD_POOL), "database-connection-pool"),
    Planted("load", load(pool=builders.pool(peak_usage=0.9, sustained_usage=None)), "database-connection-pool"),
    Planted("load", load(memory=builders.memory(samples=2, middle=None, last=None)), "memory-stays-stable"),
    Planted("load", load(open_files=OpenFiles(samples=2)), "open-files-stay-stable"),
    Planted("load", load(open_files=None), "open-files-stay-stable"),
    Planted("load", load(ready_readings=None), "ready-under-load"),
    Planted("load", load(pool=builders.pool(exhausted=None)), "pool-was-not-exhausted"),
    Planted("load", load(redis_connection_failures=None), "redis-status"),
    Planted("load", load(simultaneous_submits=0), "double-submits-were-tried"),
    _drill(
        "drill_redis_outage",
        "redis-outage-rate-limits-are-bypassed redis-outage-auth-still-works redis-outage-exams-go-on "
        "redis-outage-expected-behavior redis-outage-exam-mode-stays "
        "redis-outage-not-ready-without-it",
        **_no_probes(),
    ),
    _drill(
        "drill_redis_outage",
        "redis-outage-rate-limits-are-bypassed",
        **_without_probe("drill_redis_outage", "rate limit"),
    ),
    _drill("drill_redis_outage", "redis-outage-auth-still-works", **_without_probe("drill_redis_outage", "refresh")),
    _drill("drill_redis_outage", "redis-outage-exams-go-on", **_without_probe("drill_redis_outage", "submit")),
    _drill("drill_redis_outage", "redis-outage-warnings-are-logged", warnings_logged=None),
    *(
        _drill("drill_redis_outage", "redis-outage-exam-mode-stays", **_with_untried("drill_redis_outage", name))
        for name in STAYS_DURING
    ),
    *_doubts_of("drill_redis_outage", "redis-outage"),
    _drill(
        "drill_worker_loss",
        "worker-loss-others-serve-traffic worker-loss-clients-retry-safely worker-loss-expected-behavior",
        **_no_probes(),
    ),
    *_doubts_of("drill_worker_loss", "worker-loss"),
    *(row for activity in USUAL for row in _doubts_of_further(activity)),
    _drill("drill_backend_restart", " ".join(("backend-restart-recovery-time", *_RESTORED.values())), recoveries=()),
    _drill("drill_backend_restart", "backend-restart-restart-time", restart_seconds=None),
    *_rules_of("drill_backend_restart", "backend-restart", _with_untried),
    *_rules_of("drill_backend_restart", "backend-restart", _without_probe)[:1],
    *(_drill("drill_backend_restart", "backend-restart-fault-is-felt", **planted) for planted in _NOT_FELT),
    _drill("drill_backend_restart", _AFTERWARDS.format("backend-restart"), after=_SILENT_AFTER),
    _drill("drill_backend_restart", "backend-restart-requests-are-fast-afterwards", after=_LATE_READS_AFTER),
    _drill("drill_backend_restart", "backend-restart-sessions-continue", fates=()),
    _drill("drill_backend_restart", "backend-restart-no-lost-answers", reconciliation=None),
    *_unseen("integrity", ""),
    *_unseen("integrity_after", "data-consistency-"),
    Planted(
        "experience",
        experience().model_copy(update={"probes": (), "trials": ()}),
        " ".join((*_EXPERIENCED.values(), "everything-else-works", *(one.key for one in RULES))),
    ),
    Planted("experience", experience().model_copy(update={"probes": ()}), " ".join(_EXPERIENCED.values())),
    Planted("experience", experience().model_copy(update={"trials": ()}), " ".join(one.key for one in RULES)),
    *(Planted("experience", experience(builders.trial(one.key, held=None)), one.key) for one in RULES),
    Planted("observability", observability(traced=150, trace_before_log=50, **_BEGINS), "request-id-traceability"),
    Planted("observability", observability(failures_logged=3, failures_before_log=1, **_BEGINS), "failures-are-logged"),
    Planted("observability", observability(p95_ms=None), "request-duration"),
    Planted("observability", observability(requests_disturbed=800), "database-query-duration"),
    Planted("observability", observability(error_rate=None), "error-rates"),
    Planted("observability", observability(pool=_UNTOLD_POOL), "database-pool-usage"),
    Planted("observability", observability(redis_reconnects=None), "redis-reconnects"),
    Planted("observability", observability(clock_offsets={"worker-1.log": 300.0}), "log-lines-say-what-clients-saw"),
    Planted("observability", observability(contradictions=None), "log-lines-say-what-clients-saw"),
    Planted(
        "observability",
        observability(trace_sampled=0, traced=0),
        "request-id-traceability log-lines-say-what-clients-saw",
    ),
    Planted(
        "observability",
        observability(requests_logged=0),
        "database-query-duration request-id-traceability log-records-are-complete log-lines-hold-no-secret",
    ),
    Planted("observability", observability(client_failures=0, failures_logged=0), "failures-are-logged"),
    Planted("observability", observability(provoked=()), "failures-were-provoked"),
    Planted("observability", observability(provoked=(probe("no token", False, "HTTP 200"),)), "failures-were-provoked"),
]
"""What was not measured, and the lines that cannot tell because of it."""

NEVER_FAIL = {
    *(key for key in SUITE.line_by_key if key.endswith("-fault-is-felt")),
    "api-answers",
    "load-was-delivered",
    "double-submits-were-tried",
    "redis-reconnects",
    "failures-were-provoked",
    "every-worker-was-read",
    "workers-have-one-name",
}
"""Lines on the rehearsal itself, and one that only tells a figure: their worst is that nobody knows."""


def _outcomes(activity: str, record: Record | None) -> dict[str, str]:
    return {key: one.outcome for key, one in builders.judged(**{**GOOD, activity: record}).lines.items()}


def _but_for(red: set[str], outcome: str) -> dict[str, str]:
    """These lines with that outcome, and all others green."""
    assert red <= SUITE.line_by_key.keys()
    return {line.key: outcome if line.key in red else "pass" for line in SUITE.lines}


def _ids(rows: list[Planted]) -> list[str]:
    """The first line that each row turns red, numbered because several rows may turn it red."""
    return [f"{number}-{row.lines.split()[0]}" for number, row in enumerate(rows)]


def _gates_of(keys: set[str], *, always: bool = False) -> set[str]:
    lines = [SUITE.line_by_key[key] for key in keys]
    return {gate for line in lines if line.when_unmeasured == "blocks" or not always for gate in line.gates}


@pytest.mark.parametrize("line", SUITE.lines, ids=lambda line: line.key)
def test_good_evidence_leaves_every_line_green_with_a_figure(line: Line) -> None:
    result = builders.line(line.key, **GOOD)
    assert result.outcome == "pass", result.reason
    assert result.facts_in_words


@pytest.mark.parametrize("planted", FAILS, ids=_ids(FAILS))
def test_a_mistake_fails_only_its_own_lines_and_gates(planted: Planted) -> None:
    made = builders.judged(**{**GOOD, planted.activity: planted.record})
    assert {key: one.outcome for key, one in made.lines.items()} == _but_for(planted.red, "fail")
    outcomes = {name: one.outcome for name, one in made.gates.items()}
    assert {name for name, outcome in outcomes.items() if outcome == "fail"} == _gates_of(planted.red)
    assert set(outcomes.values()) <= {"pass", "fail"}


@pytest.mark.parametrize("planted", DOUBTS, ids=_ids(DOUBTS))
def test_unmeasured_evidence_leaves_open_only_its_own_lines_and_gates(
    planted: Planted,
) -> None:
    """A line that counts only when it was measured leaves its gates as they are."""
    made = builders.judged(**{**GOOD, planted.activity: planted.record})
    assert {key: one.outcome for key, one in made.lines.items()} == _but_for(planted.red, "inconclusive")
    outcomes = {name: one.outcome for name, one in made.gates.items()}
    open_gates = {name for name, outcome in outcomes.items() if outcome == "inconclusive"}
    assert open_gates == _gates_of(planted.red, always=True)
    assert set(outcomes.values()) <= {"pass", "inconclusive"}


@pytest.mark.parametrize("activity", GOOD)
def test_no_line_is_green_without_its_evidence(activity: str) -> None:
    needing = {line.key for line in SUITE.lines if activity in line.needs}
    assert needing
    assert _outcomes(activity, None) == _but_for(needing, "inconclusive")


def test_nothing_is_green_where_nothing_was_measured() -> None:
    nothing = dict.fromkeys(GOOD)
    assert {one.outcome for one in builders.judged(**nothing).lines.values()} == {"inconclusive"}
    assert {one.outcome for one in builders.judged(**nothing).gates.values()} == {"inconclusive"}


def test_no_line_on_the_load_is_green_where_the_load_sent_nothing() -> None:
    nothing = load(overall=figures("all", 0, None, succeeded=0, by_outcome={}))
    outcomes = _outcomes("load", nothing)
    assert not [line.key for line in SUITE.lines if "load" in line.needs and outcomes[line.key] == "pass"]


def test_every_line_is_shown_to_fail_here() -> None:
    failing_lines = set().union(*(planted.red for planted in FAILS))
    lacking = SUITE.line_by_key.keys() - failing_lines - NEVER_FAIL
    assert not lacking, f"add a row to FAILS in {_HERE} for each of {sorted(lacking)}"
    assert not failing_lines & NEVER_FAIL, f"take out of NEVER_FAIL in {_HERE} what a row of FAILS turns red"


def test_every_line_that_can_be_inconclusive_is_shown_to_be_so() -> None:
    open_lines = set().union(*(planted.red for planted in DOUBTS))
    only = ("-harm-stays-within-limits", "-candidates-see-what-was-acknowledged")
    counting = {line.key for line in SUITE.lines if line.key.endswith(only)}
    counting |= {"every-candidate-came-to-the-end", "other-operations-errors", "backend-restart-nothing-tried-fails"}
    lacking = SUITE.line_by_key.keys() - open_lines - counting
    assert not lacking, f"add a row to DOUBTS in {_HERE} for each of {sorted(lacking)}"
    assert not open_lines & counting


def test_every_gate_is_shown_to_fail_alone() -> None:
    alone = {frozenset(_gates_of(planted.red)) for planted in FAILS}
    lacking = [gate.name for gate in SUITE.gates if frozenset({gate.name}) not in alone]
    assert not lacking, f"add a row to FAILS in {_HERE} that turns each of {lacking} red and no other gate"


def test_the_planted_records_are_of_the_kind_that_their_activity_leaves() -> None:
    kinds = {activity.name: activity.record_type for activity in SUITE.activities}
    assert all(type(planted.record) is kinds[planted.activity] for planted in (*FAILS, *DOUBTS))
