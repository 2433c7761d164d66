"""Defects that only a drill shows: each turns the check and the gate red that are there for it, with drill and line.

That a platform without a defect bears every drill is shown by `test_without_defect.py`.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from .harness import Defect, Outcome

Rehearsed = Callable[[Defect], Outcome]


def test_a_drill_that_the_platform_does_not_offer_is_no_pass(rehearsed: Rehearsed) -> None:
    """A platform that somebody started without a proxy before it."""
    outcome = rehearsed(Defect(drills=("proxy_restart",), checked=True, judging=("proxy-restart",)))
    why = "drill_proxy_restart was not measured: the embedded platform has no proxy; start it with --proxy"
    assert why in outcome.output
    assert outcome.failed == {
        f"test_proxy_restart_{line}"
        for line in (
            "fault_is_felt",
            "expected_behavior",
            "no_request_crashes",
            "harm_stays_within_limits",
            "no_lost_answers",
            "clients_retry_safely",
            "everyone_submits",
            "recovery_time",
            "requests_succeed_afterwards",
            "requests_are_fast_afterwards",
            "candidates_see_what_was_acknowledged",
        )
    }
    assert outcome.exit_status == 1


def test_answers_that_a_worker_loses_when_it_is_told_to_end_are_lost_data(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(
        Defect(checked=True, variants=("forgetful_shutdown",), drills=("worker_restart",), judging=("worker-restart",))
    )
    assert re.search(r"drill_worker_restart: acknowledged answers lost: \d+", outcome.output)
    assert set(outcome.harmed) == {"lost-answer"}
    assert "test_worker_restart_no_lost_answers" in outcome.failed


@pytest.mark.parametrize(
    "early",
    [
        {"server": {"synchronous_commit": "off", "wal_writer_delay": "10s"}},
        {"variants": ("write_behind", "always_ready")},
    ],
    ids=("asynchronous commit", "write-behind cache"),
)
def test_answers_that_are_not_on_disk_are_lost_when_postgresql_is_killed(
    rehearsed: Rehearsed, early: dict[str, Any]
) -> None:
    outcome = rehearsed(Defect(checked=True, judging=("postgres-crash",), patience=10, **early))
    assert "test_postgres_crash_no_lost_answers" in outcome.failed
    assert re.search(r"drill_postgres_crash: (acknowledged [a-z ]+|sessions vanished): \d+", outcome.output)
    lies = "test_postgres_crash_not_ready_without_it" in outcome.failed
    assert lies == ("variants" in early), "readiness that looks at nothing is planted beside the cache"


def test_a_pool_that_does_not_find_back_to_its_database_is_no_recovery(rehearsed: Rehearsed) -> None:
    """By the drill alone: if PostgreSQL was killed before it, such a platform is no longer there to be drilled."""
    outcome = rehearsed(
        Defect(
            checked=True,
            variants=("dead_pool",),
            drills=("postgres_restart",),
            patience=5,
            limits={"recovery_seconds": 4, "drill_wait_seconds": 6},
            judging=("postgres-restart",),
        )
    )
    assert "drill_postgres_restart: answer had not recovered after 4 s" in outcome.output
    assert "test_postgres_restart_recovery_time" in outcome.failed


def test_lockouts_and_exams_lost_with_redis_fail_failures_handled(
    rehearsed: Rehearsed,
) -> None:
    """Each by the drill that is there for it."""
    outcome = rehearsed(
        Defect(
            checked=True,
            variants=("locked_out", "known_to_redis"),
            drills=("redis_emptied", "tokens_expired"),
            patience=5,
            limits={"recovery_seconds": 8},
            judging=("redis-emptied", "tokens-expired"),
        )
    )
    assert "drill_redis_emptied: submit after: HTTP 409" in outcome.output
    assert "drill_tokens_expired: entered again during: HTTP 403" in outcome.output
    assert {
        "test_redis_emptied_clients_retry_safely",
        "test_tokens_expired_expected_behavior",
    } <= outcome.failed
    assert outcome.stories("drill_redis_emptied") == {'submit was refused with HTTP 409 "no such exam is open"'}
    locked_out = re.compile(
        r'answer was refused with HTTP 401 ".+", and login was refused with HTTP 403 "logged in already"'
    )
    assert any(map(locked_out.fullmatch, outcome.stories("drill_tokens_expired")))
    kept = {"test_redis_emptied_no_lost_answers", "test_tokens_expired_no_lost_answers"}
    assert not kept & outcome.failed, "what was acknowledged is kept, and a refused attempt is no loss"


def test_workers_that_stay_away_for_one_late_heartbeat_are_no_recovery(rehearsed: Rehearsed) -> None:
    """Late because the worker stood still, or because its database was slow, silent now and then, or silent."""
    drills = ("worker_pause", "slow_database", "link_flapping", "pool_exhausted")
    outcome = rehearsed(
        Defect(
            checked=True,
            variants=("late_heartbeat",),
            drills=drills,
            options=("--links",),
            patience=12,
            limits={"recovery_seconds": 4, "drill_wait_seconds": 6},
            judging=drills,
        )
    )
    assert "drill_worker_pause: worker-2 had not recovered after 4 s" in outcome.output
    for drill in drills[1:]:
        assert f"drill_{drill}: answer had not recovered after 4 s" in outcome.output
    assert {f"test_{drill}_recovery_time" for drill in drills} <= outcome.failed


def test_a_locked_session_and_a_redis_without_a_warning_fail_failures_handled(
    rehearsed: Rehearsed,
) -> None:
    """Only a proxy that goes cuts off requests that a living worker goes on with. The gate of the load is asked too:
    the defect spares the candidates of a load, who have the first accounts."""
    outcome = rehearsed(
        Defect(
            checked=True,
            variants=("abandoned", "silent_redis"),
            drills=("proxy_restart",),
            options=("--proxy",),
            patience=5,
            judging=("proxy-restart", "redis-outage-warnings", "error-rate"),
        )
    )
    assert any("submit was refused with HTTP 409" in story for story in outcome.stories("drill_proxy_restart"))
    assert "drill_redis_outage: no warning was logged while the fault was in" in outcome.output
    assert outcome.failed >= {
        "test_redis_outage_warnings_are_logged",
        "test_proxy_restart_everyone_submits",
    }


def test_sessions_that_a_restart_locks_need_a_hand_in_the_database(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(
        Defect(
            checked=True,
            variants=("manual_fix",),
            drills=("system_restart",),
            judging=("system-restart", "backend-restart"),
        )
    )
    assert any("submit was refused with HTTP 409" in story for story in outcome.stories("drill_backend_restart"))
    assert re.search(r"drill_backend_restart: \d+ of \d+ requests failed after the recovery", outcome.output)
    assert "drill_system_restart: submit after: HTTP 409" in outcome.output
    assert "test_backend_restart_sessions_continue" in outcome.failed
    assert "test_system_restart_everyone_submits" in outcome.failed
