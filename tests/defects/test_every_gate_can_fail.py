"""Planted defects: each turns exactly its own gate red, for a reason that a person understands.

Defects that do not mask each other share a rehearsal. A gate that one of them turns red names that defect and nothing
else, and the gates that none of them is about stay green.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from pytest_examday.suites.exam.gates import GATES

from .harness import Defect, Outcome

Rehearsed = Callable[[Defect], Outcome]


@dataclass(frozen=True)
class Planted:
    """Defects that are planted in one rehearsal."""

    name: str
    """The defects in words."""
    defect: Defect
    reasons: Mapping[str, tuple[str, ...]]
    """Gate that fails -> all parts of its reason, as regular expressions."""
    harmed: tuple[str, ...] = ()
    """The harm that is done to candidates, sorted."""


PLANTED = (
    Planted(
        "wrong scores and mastery, broken exam rules, protected operations that run, one failure that is not logged",
        Defect(
            triggers=(
                "answer_deleted_after_scoring",
                "submit_recorded_twice",
                "score_too_high",
                "submission_time_missing",
                "mastery_moved_twice",
                "other_questions",
                "skipped_job_writes",
            ),
            variants=("unprotected", "silent", "misbehaving"),
            misbehaviours=(
                "others-read",
                "refresh-token-works-again",
                "clock-stands",
                "key-forgotten-after-30-s",
                "review-changes-after-30-s",
                "closed-says-200",
                "others-review",
                "access-token-survives-logout",
                "right-choices-told",
                "letters-move-in-real-exams",
                "stored-end-is-another",
            ),
        ),
        {
            "zero-data-loss": (
                "acknowledged answers lost: 1",
                "answers that the platform logged and that are not stored: 1",
            ),
            "no-duplicate-submits": ("sessions submitted more than once: 1",),
            "no-corrupted-sessions": (
                "scores that the acknowledged answers do not earn: 1",
                "Inconsistent Status: 1",
                "People whose mastery does not count each submitted question once: 1",
                "sessions with other questions than at first: 1",
                r"an answer after the submit was accepted in \d+ of \d+ tries: HTTP 200",
                "it could not be tried: the platform breaks `submitted-exam-takes-no-answer`: an answer after the "
                "submit was accepted: HTTP 200",
                r"starts with the key of an exam that (the load|was) opened \d{2,3} s before opened \d+ exams: "
                "[0-9a-f, -]+",
                r"\d+ of 30 candidates were shown something else than was acknowledged; first: "
                r"candidate-\d{4}@exam\.example, session [0-9a-f-]{36}: read: other words for the questions or "
                r"choices: question 1 is now \{[^…]*…",
                r"\d+ of \d+ exams are stored with another end than the candidates were shown; "
                r"first: candidate-\d{4}@exam\.example, "
                r"session [0-9a-f-]{36}: shown [\d :-]+ UTC, stored [\d :-]+ UTC",
            ),
            "exam-mode-verified": (
                "protected operation rank runs: HTTP 202 by worker-[12]: not refused by exam mode",
                r"protected operation notification broadcast: refused by worker-1, worker-2, and these tables changed: "
                r"admin_runs \(rows written: 2, gone: 0\), notifications \(rows written: \d+, gone: 0\)",
                r"job revision_queue_regen: skipped, and these tables changed: "
                r"revision_queue \(rows written: 1, gone: 0\)",
            ),
            "exam-rules": (
                r"reading the exam of another candidate was accepted in \d+ of \d+ tries: HTTP 200",
                r"reading the result of another candidate was accepted in \d+ of \d+ tries: HTTP 200",
                r"a refresh token that was used already was accepted in \d+ of \d+ tries: HTTP 200",
                r"the access token of a candidate who has logged out was accepted in \d+ of \d+ tries: HTTP 200",
                "the page of an open exam shows the right choices in solution; "
                "the reply to a start shows the right choices in solution",
                r"the time left fell from 3599 s by 0\.00 s in \d+\.\d\d s",
                r"\d{2,3} s after (a submit of the load|the submit): the review shows \{[^}]*\}, "
                r"acknowledged was \{[^}]*\}",
            ),
            "no-silent-failures": (r"1 of \d+ failures are not in the log as clients saw them: ed-\w+ \(HTTP 500\)",),
        },
        ("lost-answer", "wrong-score"),
    ),
    Planted(
        "lost answers and sessions, a locked session, a leaking pool, growing workers, log lines without id and time",
        Defect(
            triggers=("answer_deleted_before_scoring", "older_answer_kept", "session_vanishes"),
            variants=("stuck_session", "leaking_pool", "no_request_id", "growing", "wrong_clock"),
            options=("--pool-max-overflow", "16"),
            limits={"pool_usage": 0.8},
        ),
        {
            "zero-data-loss": (
                r"acknowledged answers lost: \d+",
                "acknowledged answers overwritten by another value: 1",
                "sessions vanished: 1",
                "answers that the platform logged and that are not stored: 1",
            ),
            "no-manual-fixes": (
                r"load: 1 of \d+ candidates could not submit and would need a repair by hand; "
                'first: candidate-0005@exam.example: submit was refused with HTTP 409 "session is locked"',
            ),
            "db-pool": (
                r"(a worker's|the) pool was used in three readings in a row to (8[3-9]|9\d|100)%, limit 80%"
                r"(; a worker's pool was exhausted)?",
            ),
            "stable-under-load": (
                r"the largest worker had \d+ MiB in the middle of the load and \d+ MiB at its end "
                r"\(\+\d+%, limit 25%\)",
                r"the worker with the most had \d+ open files in the middle of the load and \d+ at its end, "
                "without its connections",
            ),
            "logs-sufficient": (
                r"\d+ of \d+ requests are not in the log, for instance ed-\w+",
                r"\d+ log records lack request id, route, status or duration",
                r"the times of these logs are wrong: worker-1\.log (299|300)(\.\d)? s behind, limit 10 s",
            ),
        },
        ("changed-answer", "lost-answer", "lost-session", "no-submit"),
    ),
    Planted(
        "events that contradict the stored answers, HTTP 500 to some answers, missing log lines, no exam mode in a "
        "restarted worker, broken rules of an exam after a restart",
        Defect(
            triggers=("event_deleted", "event_changed", "event_invented", "history_deleted"),
            variants=(
                *("errors", "unlogged", "forgets_protected_operations", "forgets_alone", "hour_ahead"),
                "forgets_rules",
            ),
        ),
        {
            "zero-data-loss": (
                "acknowledged answers that the platform's event history does not have: 1",
                "acknowledged answers of which the platform's event history says something else: 2",
                "changed answers whose earlier values the platform's event history lacks: 1",
            ),
            "error-rate": (
                r"[1-6]\.\d\d% of \d+ requests failed, limit 1% \(\d+ server_error\)",
                r"\d+ of \d+ answer requests failed \([1-9]\.\d\d%, limit 1%\), by log: worker-\d \d+ of \d+, "
                r'worker-\d \d+ of \d+, for instance candidate-\d+@exam\.example: HTTP 500 "internal error"',
            ),
            "logs-sufficient": (
                r"\d+ of \d+ requests are not in the log, for instance ed-\w+",
                r"the times of these logs are wrong: (\w+ in worker-[12]\.log 3[56]\d\d(\.\d)? s ahead, )+limit 10 s",
            ),
            "recovery-tested": (
                r"drill_worker_loss: protected operations after: BKT recompute: HTTP 202 by worker-2: not "
                "refused by exam mode(; [^:;]*: "
                r"HTTP 202 by worker-2: not refused by exam mode)+",
                r"drill_worker_loss: rate limit after: worker-1 limited \d+ of \d+ calls, worker-2 limited "
                "0 of 28 calls",
                r"drill_backend_restart: rules of the exam after: one-key-opens-one-exam: starts with one key opened "
                r"\d+ exams: [0-9a-f, -]+; submitted-exam-takes-no-answer: an answer after the submit was accepted in "
                r"\d+ of \d+ tries: HTTP 200; login-needs-the-password: a login with a wrong password was accepted in "
                r"\d+ of \d+ tries: HTTP 200",
                r"drill_backend_restart: exam of another candidate after: a reload after the restart shows the end of "
                r"the exam is [\d :-]+ UTC, at the start [\d :-]+ UTC",
                r"drill_backend_restart: \d of 5 candidates were shown something else than was acknowledged; first: "
                r"[^;]*, session [0-9a-f-]{36}: read: the end of the exam is [\d :-]+ UTC, at the start [\d :-]+ "
                "UTC",
                r"drill_backend_restart: protected operations after: BKT recompute: HTTP 202 by worker-\d: "
                "not refused.*",
            ),
        },
    ),
    Planted(
        "slow answers, refused answers, after a restart no exam mode, no rate limits, no log and slow replies",
        Defect(
            variants=(
                "slow",
                "refuses_twins",
                "refuses_first",
                "forgets_exam_mode",
                "forgets_limits",
                "late_after_restart",
                "late_guards",
                "forgets_owners",
                "forgets_log",
            ),
            modules="quiet_machine",
            limits={"p95_ms": 1700},
        ),
        {
            "p95-latency": (r".*p95 of answer is [2-9]\d\d\d ms, limit 1700 ms .*",),
            "error-rate": (r"\d+ of \d+ answer requests were refused by a rate limit \(\d+(\.\d+)?%, limit 1%\)",),
            "recovery-tested": (
                "drill_worker_loss: exam mode after: off in worker-2",
                "drill_backend_restart: exam mode after: off in worker-1, worker-2",
                # Whether a candidate has taken an answer back before the fault is left to chance.
                r"(drill_backend_restart: p[59][05] of \d+ \w+ requests after the recovery is [2-9]\d\d\d ms, limit "
                r"1700 ms, and nobody measured it before the fault; )*"
                r"drill_backend_restart: no late effects of protected operations and jobs could not be "
                "tried: these tables have changed since "
                r"phase 1: notifications \(rows written: \d+, gone: 0\); what was refused or skipped in phase 1 was "
                r"done later, or somebody else writes there",
                r"drill_backend_restart: rate limit after: 0 of \d+ calls were limited",
                r"drill_backend_restart: exam of another candidate after: reading the exam of another candidate was "
                r"accepted in \d+ of \d+ tries: HTTP 200",
                r"drill_backend_restart: rules of the exam after: others-cannot-read-a-result: reading the result of "
                r"another candidate was accepted in \d+ of \d+ tries: HTTP 200; exam-needs-a-genuine-token: reading an "
                r"exam with a changed token was accepted in \d+ of \d+ tries: HTTP 200",
                r"drill_backend_restart: requests in the log after: (\d+) of \1 requests that were accepted after the "
                r"restart are not in the log, for instance ed-\w+",
                r"drill_backend_restart: refresh after: a refresh of [0-9a-f-]{36} gave the tokens of [0-9a-f-]{36}",
                r"(drill_backend_restart: p[59][05] of \d+ (answer|clear|submit) requests after the recovery "
                r"is [2-9]\d\d\d ms, limit 1700 ms, before the fault it was [\d.]+ ms(; )?)+",
            ),
        },
    ),
    Planted(
        "a submit that needs Redis, wrong pages and logins without Redis, a worker that does not restart, wrong routes",
        Defect(
            variants=(
                *("needs_redis", "one_life", "stale_pages", "wrong_route", "moved_texts", "any_password"),
                *("deaf_logout", "open_reviews"),
            ),
            drills=("network_delay",),
            options=("--links",),
            limits={"recovery_seconds": 8},
        ),
        {
            "failures-handled": (
                r'drill_redis_outage: submit during: HTTP 503: \{"detail":"Redis is needed to submit"\}',
                r"drill_redis_outage: reload during: \d+ of 12 reloads show \{[^}]*\}, acknowledged was \{[^}]*\}",
                "drill_redis_outage: wrong password during: HTTP 200",
                r"drill_redis_outage: review of another candidate during: the call was accepted in \d+ of \d+ tries: "
                "HTTP 200",
                "drill_redis_outage: logout during: acknowledged, and then the token opened the exam in 12 of 12 "
                "requests",
                r"drill_redis_outage: resume after: shows other words for the questions or choices: question 1 is now "
                r"\{[^…]*…",
                # Whoever reloads after the outage is shown other texts too.
                r"(drill_redis_outage: \d of 5 candidates were shown something else than was acknowledged; first: "
                r"[^…]*…)?",
                r'drill_network_delay: submit during: HTTP 503: \{"detail":"Redis is needed to submit"\}'
                # The hold of a second is too short to feel a delay of half a second every time.
                r"(; drill_network_delay: the fault \(redis\) was not felt [^;]*)*",
            ),
            "recovery-tested": (".*worker-2 had not recovered after 8 s not seen to answer.*",),
            "logs-sufficient": (
                r"\d+ of \d+ log lines do not say what their clients saw \(route: \d+\); first: [^;]*",
            ),
        },
    ),
)


_OF_LEDGER = (
    r" \(first: candidate-\d{4}@exam\.example, session [0-9a-f-]{36}(, question [0-9a-f-]{36})?"
    r"(, acknowledged at \d\d:\d\d:\d\d UTC)?: [^()]+\)"
)
"""Whose finding it is, where, when and what."""
_OF_DATABASE = r" \(first: \w+ [0-9a-f-]{36}(, \w+ [^,()]+)*\)"
"""The first row that an SQL check found."""


def test_every_gate_has_a_defect_here() -> None:
    lacking = {gate.name for gate in GATES} - {gate for planted in PLANTED for gate in planted.reasons}
    assert not lacking, f"add a row to PLANTED in tests/defects/test_every_gate_can_fail.py for each of {lacking}"


@pytest.mark.parametrize("planted", [pytest.param(one, id=one.name) for one in PLANTED])
def test_each_gate_is_red_for_its_defect_alone(rehearsed: Rehearsed, planted: Planted) -> None:
    outcome = rehearsed(planted.defect)
    reasons = outcome.reasons()
    assert set(reasons) == set(planted.reasons), reasons
    for gate, reason in reasons.items():
        assert _beside(planted.reasons[gate], reason) == "", f"{gate}: {reason}"
    assert sorted(outcome.harmed) == list(planted.harmed)


def _beside(expected: tuple[str, ...], reason: str) -> str:
    """What a reason says beside what is expected of it, in whatever order; and beside where it was seen first."""
    reason = re.sub(f"{_OF_LEDGER}|{_OF_DATABASE}", "", reason)
    for said in expected:
        reason, found = re.subn(said, "", reason, count=1)
        assert found, f"{said!r} is not said: {reason}"
    return reason.strip("; ")
