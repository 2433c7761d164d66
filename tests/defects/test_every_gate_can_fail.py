"""One planted defect after the other: each turns exactly one gate red, for a reason that a person understands."""

import re
from collections.abc import Callable
from pathlib import Path

from pytest_examday.suites.exam.gates import GATES

from .harness import Defect, Outcome

Rehearsed = Callable[[Defect], Outcome]


def test_every_gate_has_a_defect_here() -> None:
    shown = set(re.findall(r'only_red\("([\w-]+)"\)', Path(__file__).read_text()))
    assert shown == {gate.name for gate in GATES}


def test_a_platform_without_defect_is_go_and_harms_nobody(clean: Outcome) -> None:
    assert clean.red == {}
    assert clean.verdict["verdict"] == "GO"
    assert clean.verdict["candidates"] == {"total": 45, "harmed": 0, "stories": []}
    assert clean.exit_status == 0


def test_one_acknowledged_answer_deleted_after_scoring_is_lost_data(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(triggers=("answer_deleted_after_scoring",)))
    assert "acknowledged answers lost: 1" in outcome.only_red("zero-data-loss")
    assert outcome.harmed == ["lost-answer"]


def test_lost_answers_changes_and_sessions_are_each_told_and_no_wrong_scores(rehearsed: Rehearsed) -> None:
    """One answer deleted before its score was made, one change that gave way to the older answer, one session that
    vanished with all its rows, each of another candidate."""
    outcome = rehearsed(Defect(triggers=("answer_deleted_before_scoring", "older_answer_kept", "session_vanishes")))
    reason = outcome.only_red("zero-data-loss")
    told = r"acknowledged answers lost: \d+; acknowledged answers overwritten by another value: 1; sessions vanished: 1"
    assert re.search(told, reason)
    assert sorted(outcome.harmed) == ["changed-answer", "lost-answer", "lost-session"]


def test_a_log_of_its_own_that_contradicts_the_stored_answers_is_lost_data(rehearsed: Rehearsed) -> None:
    """One stored answer that the platform's own log does not have, and one that it has otherwise."""
    outcome = rehearsed(Defect(triggers=("event_deleted", "event_changed")))
    assert outcome.only_red("zero-data-loss") == (
        "acknowledged answers that the platform's own log does not have: 1; "
        "acknowledged answers of which the platform's own log says something else: 1"
    )
    assert outcome.harmed == []


def test_a_submit_recorded_twice_is_a_duplicate(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(triggers=("submit_recorded_twice",)))
    assert outcome.only_red("no-duplicate-submits") == "sessions submitted more than once: 1"


def test_a_score_that_the_answers_do_not_earn_and_a_submission_without_its_time_are_corruption(
    rehearsed: Rehearsed,
) -> None:
    outcome = rehearsed(Defect(triggers=("score_too_high", "submission_time_missing")))
    reasons = set(outcome.only_red("no-corrupted-sessions").split("; "))
    assert reasons == {"scores that the acknowledged answers do not earn: 1", "Inconsistent Status: 1"}
    assert outcome.harmed == ["wrong-score"]


def test_two_percent_of_errors_are_too_many_though_the_log_shows_them(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="errors"))
    reason = outcome.only_red("error-rate")
    assert re.fullmatch(r"[123]\.\d\d% of \d+ requests failed, limit 1% \(\d+ server_error\)", reason)


def test_five_percent_of_late_answers_are_a_slow_p95(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="slow"))
    assert re.search(r"p95 of answer is (9\d\d|1\d\d\d) ms, limit 850 ms", outcome.only_red("p95-latency"))
    assert outcome.harmed == []


def test_one_heavy_operation_that_exam_mode_does_not_stop_is_found(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="unguarded"))
    assert outcome.only_red("exam-mode-verified") == "guard rank runs: HTTP 202: not refused by exam mode"


def test_a_single_failure_that_the_log_calls_a_success_is_silent(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="silent"))
    reason = outcome.only_red("no-silent-failures")
    assert re.fullmatch(r"1 of \d+ failures are not in the log as they were told: ed-\w+ \(HTTP 500\)", reason)


def test_log_lines_without_request_id_are_no_audit(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="no_request_id"))
    reason = outcome.only_red("logs-sufficient")
    assert re.search(r"\d+ of \d+ requests are not in the log, for instance ed-", reason)
    assert re.search(r"\d+ log records lack request id, route, status or duration", reason)


def test_requests_that_left_no_log_line_are_no_audit(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="unlogged"))
    reason = outcome.only_red("logs-sufficient")
    assert re.fullmatch(r"\d+ of \d+ requests are not in the log, for instance ed-\w+", reason)


def test_a_submit_that_needs_redis_is_a_failure_not_handled(rehearsed: Rehearsed) -> None:
    """Away, or only slower than the platform is ready to wait: without a proxy the delay is that of Redis."""
    outcome = rehearsed(Defect(variant="needs_redis", drills=("network_delay",), options=("--links",)))
    drills = ("redis_outage", "drill_network_delay")
    assert outcome.only_red("failures-handled") == "; ".join(f"{drill}: submit during: HTTP 503" for drill in drills)


def test_a_worker_that_does_not_come_back_is_no_recovery(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="one_life"))
    reason = outcome.only_red("recovery-tested")
    ended = r"(not running: worker-2|the platform's control did not do it: worker-2 ended while starting)"
    assert re.search(f"worker_loss: {ended}", reason)
    assert re.search(f"recovery: {ended}", reason), "its watchdog may be starting it at the moment, once more in vain"
    assert "worker-2 had not recovered after 8 s not seen to answer" in reason


def test_a_session_that_can_never_be_submitted_needs_a_hand_in_the_database(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="stuck_session"))
    assert outcome.only_red("no-manual-fixes") == (
        "1 of 45 candidates could not submit and would need a repair by hand; "
        "first: candidate-0005@exam.example: submit was refused with HTTP 409"
    )
    assert outcome.harmed == ["no-submit"]


def test_connections_that_are_never_given_back_fill_the_pool(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(variant="leaking_pool"))
    reason = outcome.only_red("db-pool")
    assert re.fullmatch(r"the pool was (8[3-9]|9\d|100)% used at its peak, limit 80%", reason)
