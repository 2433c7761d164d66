"""The kinds of mistakes that a verdict has to notice, and what it must not take for a mistake; for each the tests that
show it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.defects.harness import HERE
from tests.suites.exam.rules.test_misbehaving_platform import CLOCKS, DEADLINES, MISBEHAVIOURS

TESTS = Path(__file__).parent


class Kind(NamedTuple):
    """A kind of mistake."""

    words: str
    """The mistake in words."""
    outcome: str
    """What the verdict says of it."""
    shown: str
    """What shows that, separated by blanks: names of ways of misbehaving, of variants and triggers in `tests/defects`,
    and tests (`FILE::TEST`, below `tests/`, without `.py`)."""

    @property
    def shown_by(self) -> tuple[str, ...]:
        """The names one by one."""
        return tuple(self.shown.split())


_DRILLS, _HOLES = "defects/test_drills_can_fail::test_", "defects/test_holes_in_exam_mode::test_"
_CALIBRATION = "suites/exam/stored_exams/test_calibration::test_"
_RULES = "suites/exam/rules/test_misbehaving_platform::test_"
_SHOWN_AGAIN = "suites/exam/load/test_exam_shown_again::test_"
_LINES, _LOAD = "suites/exam/lines/", "suites/exam/load/"
_PARTS, _WINDOWS = f"{_LINES}test_error_rate_of_parts::test_", f"{_LINES}test_error_rate_of_windows::test_"
_OF_DRILLS = f"{_LINES}test_drill_lines::test_"
_CONTENTS = "observe/test_log_contradictions::test_"

_RULED = "suites/exam/rules/test_rules_of_platforms::test_"

NOTICED = (
    Kind(
        "a platform that refuses or fails to the end of a drill, on a machine that others keep busy",
        "`recovery-tested` FAIL",
        f"{_LINES}test_busy_machine::test_a_platform_that_answers_and_never_comes_back_fails_on_a_busy_machine_too",
    ),
    Kind(
        "a closed exam takes answers",
        "`no-corrupted-sessions` FAIL",
        "closed-takes-answers closed-takes-blank-answers closed-says-200 closed-409-and-stores "
        "closed-takes-answers@worker-2",
    ),
    Kind(
        "a protected operation refuses and executes, a job says that it skipped and writes",
        "`exam-mode-verified` FAIL",
        f"unprotected skipped_job_writes {_HOLES}an_operation_that_answers_403_and_executes_is_named_with_its_tables",
    ),
    Kind(
        "protected operations or exam mode that hold in phase 1 and not during the load",
        "`exam-mode-verified` FAIL",
        "suites/exam/exam_mode/test_exam_mode_meanwhile::"
        "test_protected_operations_that_are_open_during_the_load_are_found",
    ),
    Kind(
        "protected operations or exam mode that hold in phase 1 and not after the load",
        "`exam-mode-verified` FAIL",
        f"{_HOLES}protected_operations_that_open_after_phase_1_are_found_after_the_load "
        f"{_HOLES}exam_mode_that_ends_after_phase_1_is_found_after_the_load",
    ),
    Kind(
        "a protected operation refuses and removes keys from Redis",
        "`exam-mode-verified` FAIL, where the contract names the keys and Redis can be reached",
        "suites/exam/exam_mode/test_redis_keys::test_keys_that_a_refused_operation_removes_are_found",
    ),
    Kind(
        "a protected operation that refuses an empty request alone",
        "`exam-mode-verified` FAIL: the contract gives a body that would do real work",
        "suites/exam/exam_mode/test_every_worker::test_a_protected_operation_that_refuses_only_an_empty_body_is_found",
    ),
    Kind(
        "an answer in the event history that nobody gave, one that is dated before it was given",
        "`zero-data-loss` FAIL",
        "event_invented integrity/test_reconcile::test_each_write_is_counted_once_by_its_fate",
    ),
    Kind(
        "an answer that was taken back stays stored, or counts",
        "`zero-data-loss` FAIL; where the API alone is asked, `no-corrupted-sessions` FAIL",
        "blank-not-stored integrity/test_reconcile::test_each_write_is_counted_once_by_its_fate "
        f"{_LOAD}test_candidate::test_an_answer_that_comes_back_after_it_was_taken_back_is_told",
    ),
    Kind(
        "candidates, or anybody without a token, do what administrators do",
        "`exam-rules` FAIL",
        "everybody-is-administrator submitter-is-administrator administrators-need-no-token",
    ),
    Kind(
        "the receipt, the marks of the review or the marked questions are false",
        "`exam-rules` FAIL",
        "receipt-of-2019 receipt-two-hours-off receipt-tells-a-higher-maximum review-tells-a-higher-maximum "
        "review-marks-upside-down marks-forgotten",
    ),
    Kind(
        "a stored maximum score, or the right answers of mastery, are wrong",
        "`no-corrupted-sessions` FAIL",
        "integrity/test_sql_checks::test_an_offence_turns_its_own_check_red_and_no_other",
    ),
    Kind(
        "passwords and tokens that are logged in base64 or escaped",
        "`logs-sufficient` FAIL",
        "observe/test_log_review::test_a_secret_is_found_wherever_it_was_logged",
    ),
    Kind(
        "one request id for many requests",
        "`logs-sufficient` FAIL by the ids, not by lines that lack",
        "activities/test_observability::test_one_id_for_many_requests_is_told_as_that",
    ),
    Kind(
        "what was refused is done later",
        "`recovery-tested` INCONCLUSIVE: nobody can tell it from other people's work",
        "late_guards suites/exam/exam_mode/test_exam_mode_afterwards::"
        "test_what_is_done_after_phase_1_is_no_pass_and_no_accusation",
    ),
    Kind(
        "another candidate's token reads, answers or submits",
        "`exam-rules` FAIL",
        "others-read others-read@worker-2 others-answer others-answer-and-403 others-submit others-submit-and-403 "
        "others-review others-read-what-was-read others-review-what-was-read",
    ),
    Kind(
        "once all workers were started again, another candidate's token opens an exam, or a refresh gives another "
        "candidate's tokens",
        "`recovery-tested` FAIL",
        "forgets_owners",
    ),
    Kind(
        "once all workers were started again, a rule of an exam is broken that held before (passwords, tokens, closed "
        "exams, results of others, right choices, keys), or open exams end earlier",
        "`recovery-tested` FAIL",
        f"forgets_rules forgets_owners {_SHOWN_AGAIN}in_a_drill_an_earlier_end_is_wrong "
        "suites/exam/probes/test_rule_probes::test_a_rule_that_is_broken_after_the_restart_fails",
    ),
    Kind(
        "while Redis is away a submitted exam takes answers, others read its review, or exam mode or a protected "
        "operation does not hold",
        "`failures-handled` FAIL",
        "open_reviews suites/exam/probes/test_closed_exam_probes::"
        "test_an_answer_or_a_review_of_others_that_is_accepted_without_redis_fails "
        "suites/exam/exam_mode/test_exam_mode_without_redis::"
        "test_a_protected_operation_that_is_accepted_without_redis_fails "
        "suites/exam/exam_mode/test_exam_mode_without_redis::"
        "test_exam_mode_that_is_off_without_redis_fails_and_nothing_is_called",
    ),
    Kind(
        "once all workers were started again, requests are not logged",
        "`recovery-tested` FAIL",
        "forgets_log suites/exam/probes/test_log_probes::test_a_request_that_the_log_lacks_fails",
    ),
    Kind(
        "a page, a start, a review or the reply to an answer tells the right choices or the score of an open exam",
        "`exam-rules` FAIL",
        "right-choices-told right-choices-marked right-choices-in-a-row answer-tells-right score-so-far-told "
        "review-of-an-open-exam",
    ),
    Kind(
        "a used refresh token or the tokens of somebody who has logged out work again",
        "`exam-rules` FAIL",
        "refresh-token-works-again refresh-token-works-again@worker-1 refresh-token-works-again-later "
        "access-token-survives-logout refresh-token-survives-logout logout-ends-reading-alone",
    ),
    Kind(
        "a logout ends the tokens of other candidates too",
        "`exam-rules` FAIL",
        "logout-of-all",
    ),
    Kind(
        "a token, or the right password, is not needed, or not all of it",
        "`exam-rules` FAIL",
        "no-token-needed review-needs-no-token signature-ignored unsigned-taken any-password-works "
        "longer-password-works",
    ),
    Kind(
        "one idempotency key opens two exams, at once or later; a double click opens two",
        "`no-corrupted-sessions` FAIL",
        "key-works-twice key-raced key-ignored key-forgotten key-forgotten-after-30-s key-forgotten-after-3600-s",
    ),
    Kind(
        "two submits, at once or later, with a key or without one, give two results",
        "`no-duplicate-submits` FAIL",
        "double-submit-scores-twice third-submit-scores-again second-submit-changes-silently "
        f"{_LOAD}test_double_clicks::test_two_submissions_that_are_told_two_results_are_found",
    ),
    Kind(
        "a reload shows other questions or choices",
        "`no-corrupted-sessions` FAIL",
        "choices-reshuffled choices-reshuffled@worker-2 choice-missing questions-reordered question-swapped "
        f"question-missing letters-move-in-real-exams {_SHOWN_AGAIN}what_a_reload_shows_in_another_way_is_told "
        "k6/test_candidate::test_a_reload_that_shows_another_exam_is_told",
    ),
    Kind(
        "the letters of an open exam stand for other texts after a new login, or once Redis has been away",
        "`exam-rules` FAIL; after Redis was away `failures-handled` FAIL",
        f"moved_texts {_RULES}letters_that_stand_for_other_texts_after_a_new_login_are_found",
    ),
    Kind(
        "while Redis is away any password logs in",
        "`failures-handled` FAIL",
        "any_password",
    ),
    Kind(
        "while Redis is away a logout is acknowledged and the token works on",
        "`failures-handled` FAIL; a logout that is refused passes; `not_promised` may name `logout-ends-the-tokens`",
        "deaf_logout suites/exam/probes/test_untried_probes::test_a_logout_ends_the_token_or_is_not_acknowledged",
    ),
    Kind(
        "an exam is stored with another end than the candidates were shown",
        "`no-corrupted-sessions` FAIL",
        "stored-end-is-another suites/exam/stored_exams/test_stored_ends::test_another_stored_end_is_told_with_both",
    ),
    Kind(
        "a refresh adds time to the exam",
        "`exam-rules` FAIL",
        f"{_RULES}a_refresh_that_extends_the_exam_is_found",
    ),
    Kind(
        "a reload shows older answers, or an error as an empty exam",
        "`exam-rules` FAIL; while Redis is away `failures-handled` FAIL",
        "stale-reload@worker-2 answer-not-shown reload-fails-with-200 stale_pages "
        f"{_LOAD}test_candidate::test_a_stale_reload_is_noted_with_question_expected_and_shown "
        f"{_LINES}test_pages_shown::test_a_candidate_who_was_shown_wrong_pages_is_named",
    ),
    Kind(
        "the review shows another choice or score, at once or later, or vanishes",
        "`exam-rules` FAIL",
        "review-shows-another-choice review-lacks-answers review-shows-another-score review-vanishes "
        "review-changes-after-30-s review-vanishes-after-3600-s review-changes-after-3600-s",
    ),
    Kind(
        "the end of an exam or the time left is wrong, stands still, or differs between workers",
        "`exam-rules` FAIL",
        "end-three-hours-off no-time-left clock-stands clock-at-half-speed another-end@worker-2 "
        "start-tells-three-hours-more half-as-long@worker-2 more-time-left@worker-2",
    ),
    Kind(
        "honest answers and submits are refused by HTTP 429",
        "`error-rate` FAIL",
        f"refuses_first {_PARTS}every_fifth_request_of_an_exam_refused_is_a_failure",
    ),
    Kind(
        "readiness says ready while the database is down",
        "`failures-handled` FAIL",
        "always_ready suites/exam/probes/test_ready_probes::"
        "test_ready_that_goes_on_saying_ready_without_a_database_is_told_with_its_words",
    ),
    Kind(
        "errors of one operation, one window or the first seconds are diluted in the whole",
        "`error-rate` FAIL",
        f"errors {_PARTS}failures_of_the_last_part_fail_though_the_whole_load_passes "
        f"{_WINDOWS}failures_of_the_ramp_are_judged "
        f"{_WINDOWS}one_operation_in_one_window_is_red_though_all_requests_together_are_not",
    ),
    Kind(
        "a log lacks lines, or names another status, duration, user, route or time",
        "`logs-sufficient` FAIL",
        f"unlogged no_request_id wrong_clock wrong_route {_CONTENTS}what_contradicts_is_told_with_request_operation_"
        "person_and_file",
    ),
    Kind(
        "the log lines of a killed worker are gone",
        "`logs-sufficient` FAIL",
        "activities/test_observability::test_requests_of_a_drill_that_the_fault_did_not_affect_have_to_be_in_the_log",
    ),
    Kind(
        "log lines without the user",
        "`logs-sufficient` FAIL",
        f"{_CONTENTS}what_contradicts_is_told_with_request_operation_person_and_file "
        f"{_CONTENTS}two_users_of_one_person_are_told",
    ),
    Kind(
        "logout deletes the attempt",
        "`exam-rules` FAIL",
        "suites/exam/rules/test_misbehaving_platform::test_a_logout_that_deletes_the_attempt_is_found",
    ),
    Kind(
        "answers count after the deadline, or are lost at it",
        "`no-corrupted-sessions` FAIL",
        "late-answers-taken late-409-and-stores answers-gone-after-the-end nothing-scored-after-the-end",
    ),
    Kind(
        "rows contradict each other: mastery twice, two results, another exam's questions, no history",
        "`no-corrupted-sessions`, `no-duplicate-submits` or `zero-data-loss` FAIL",
        "mastery_moved_twice submit_recorded_twice other_questions history_deleted submission_time_missing "
        "integrity/test_sql_checks::test_an_offence_turns_its_own_check_red_and_no_other",
    ),
    Kind(
        "an answer is acknowledged before it is on disk",
        "`zero-data-loss` FAIL",
        f"write_behind {_DRILLS}answers_that_are_not_on_disk_are_lost_when_postgresql_is_killed",
    ),
    Kind(
        "a worker grows by 50 MiB in some requests",
        "`stable-under-load` FAIL",
        f"growing {_LINES}test_load_lines::test_memory_fails_where_it_goes_on_growing",
    ),
    Kind(
        "the metric of memory stands still while the processes grow",
        "`stable-under-load` FAIL, where the runtime tells the memory of processes",
        f"{_LINES}test_load_lines::test_processes_that_grow_fail_where_the_metric_says_otherwise",
    ),
    Kind(
        "one candidate waits for very long, and the retries make a share of all requests",
        "told beside the share of failures, with the candidate and the operation",
        f"{_LINES}test_load_lines::test_the_longest_wait_of_a_candidate_is_told "
        f"{_OF_DRILLS}failures_after_the_recovery_are_told_with_the_longest_wait",
    ),
    Kind(
        "a red line counts for no gate",
        "the board names it as information",
        "plugin/test_nothing_makes_a_gate_better::test_a_red_line_that_counts_for_no_gate_is_named_on_the_board",
    ),
    Kind(
        "one of eight workers has no protected operations, or no exam mode",
        "`exam-mode-verified` FAIL, with its name",
        f"{_HOLES}one_of_eight_workers_without_protected_operations_is_named "
        f"{_HOLES}one_of_eight_workers_with_exam_mode_off_is_named_and_nothing_is_called",
    ),
    Kind(
        "one worker that was started again has no protected operations, no rate limits, or no exam mode",
        "`recovery-tested` FAIL, with its name",
        "forgets_alone forgets_exam_mode "
        "suites/exam/probes/test_limits_by_worker::test_one_worker_without_limits_fails_behind_others_that_limit "
        "suites/exam/probes/test_limits_by_worker::"
        "test_where_workers_cannot_be_told_apart_one_without_limits_shows_in_many_calls",
    ),
    Kind(
        "all workers that were started again have no protected operations, no rate limits, or are late",
        "`recovery-tested` FAIL",
        "forgets_protected_operations forgets_limits late_after_restart",
    ),
    Kind(
        "many defects in one platform, and `-m gates` alone",
        "NO-GO; each gate names its own defects and nothing else",
        "defects/test_every_gate_can_fail::test_each_gate_is_red_for_its_defect_alone",
    ),
    Kind(
        "two values that look alike",
        "FAIL, told with their code points",
        "integrity/test_reconcile::test_two_values_that_look_alike_are_told_with_their_code_points",
    ),
    Kind(
        "a worker's clock that is minutes off",
        "`logs-sufficient` FAIL by the clock, not by lines that lack",
        "wrong_clock observe/test_clock_offsets::test_each_log_has_a_clock_of_its_own",
    ),
    Kind(
        "another clock for the lines of one operation, a worker's clock that is 55 s off",
        "`logs-sufficient` FAIL by the clock",
        "hour_ahead observe/test_clock_offsets::"
        "test_lines_of_one_operation_with_another_clock_are_named_beside_their_log "
        f"{_LINES}test_log_lines::test_the_clocks_of_two_logs_differ_by_ten_seconds_at_most",
    ),
    Kind(
        "a worker that never serves an operation",
        "FAIL, named with the platform's words",
        f"{_LINES}test_load_lines::test_a_worker_that_never_serves_submit_is_named_with_the_platforms_words",
    ),
    Kind(
        "a slow operation with few requests behind another one",
        "FAIL, named",
        f"{_LINES}test_load_lines::test_a_slow_read_with_six_requests_is_named_though_other_operations_have_more",
    ),
)
"""Mistakes of a platform or its configuration. A rehearsal that does not try them, or sees them and does not judge
them, says GO."""

FELT = (
    Kind(
        "a delay or an outage without effect, at an address that no traffic passes",
        "INCONCLUSIVE with what was seen",
        "faults/test_sense::test_a_delay_without_effect_is_not_felt "
        "faults/test_sense::test_a_store_that_still_replies_is_not_away "
        f"{_OF_DRILLS}a_fault_that_was_not_in_or_not_felt_is_inconclusive_with_what_was_seen "
        f"{_OF_DRILLS}a_delay_that_no_operation_shows_is_inconclusive_with_every_look",
    ),
    Kind(
        "a service that somebody brings back early",
        "the hold ends; INCONCLUSIVE",
        "drills/test_fault_observation::test_a_service_that_a_healer_brings_back_ends_the_hold "
        "docker/test_docker_bad_input::test_a_service_that_somebody_brings_back_is_told",
    ),
    Kind(
        "one node of a cluster is emptied, or another database than the platform's",
        "INCONCLUSIVE before anything is touched; not felt",
        "suites/exam/drills/test_all_drills::test_one_node_of_a_cluster_is_not_emptied "
        "platform/test_platform_drill_probes::test_keys_of_a_redis_that_was_not_emptied_are_still_there",
    ),
    Kind(
        "a delay into `network_mode: host` or `container:`",
        "refused in one line before anything is touched",
        "runtimes/test_netdelay::test_a_delay_into_a_network_that_others_use_is_refused_in_one_line",
    ),
    Kind(
        "what failed before the fault at the same rate, and a single failure among few",
        "told, and no gate is red for it",
        "drills/test_baseline::test_failures_are_known_where_they_came_as_often_before "
        "drills/test_baseline::test_one_failure_alone_among_few_requests_is_no_rate "
        f"{_OF_DRILLS}what_crashed_before_the_fault_as_often_is_not_the_drills "
        f"{_OF_DRILLS}one_failed_answer_of_a_double_click_fails_one_gate_only",
    ),
    Kind(
        "workers whose names the platform does not tell",
        "watched at their own addresses, or the line says that they could not be watched",
        "suites/exam/workers/test_watched_workers::test_nameless_workers_are_watched_at_their_own_addresses "
        "suites/exam/workers/test_watched_workers::test_nameless_workers_are_said_to_be_unwatched",
    ),
    Kind(
        "workers that runtime and platform name differently",
        "INCONCLUSIVE as a mistake in the configuration",
        "suites/exam/workers/test_watched_workers::"
        "test_names_that_differ_are_a_mistake_with_both_lists_and_no_failed_recovery "
        f"{_OF_DRILLS}workers_with_other_names_are_a_mistake_and_unwatched_ones_are_told",
    ),
    Kind(
        "protected operations and jobs where a reading says that exam mode is off",
        "not called",
        f"{_HOLES}one_of_eight_workers_with_exam_mode_off_is_named_and_nothing_is_called "
        "suites/exam/exam_mode/test_exam_mode_afterwards::"
        "test_protected_operations_are_not_called_where_exam_mode_is_off "
        "suites/exam/exam_mode/test_exam_mode_afterwards::"
        "test_after_the_restart_of_a_worker_without_exam_mode_nothing_is_called",
    ),
)
"""Faults without the effect that their drill needs. A rehearsal that does not look for the effect passes the drill."""

SPARED = (
    Kind(
        "an exam that cannot be submitted just after its start; one open exam for each person",
        "waited for as the contract says, else INCONCLUSIVE with the key",
        f"{_RULED}nobody_submits_earlier_than_the_contract_says "
        f"{_RULED}an_exam_that_a_fault_left_open_hinders_no_later_probe "
        f"{_RULED}check_tells_the_key_for_a_submit_that_is_refused_just_after_the_start "
        f"{_OF_DRILLS}an_answer_that_came_before_the_fault_too_is_no_failed_recovery",
    ),
    Kind(
        "a twin of the same answer that is refused with 429 while the other is saved",
        "no refused request",
        f"{_LOAD}test_double_clicks::test_a_limited_click_of_two_is_no_refused_request",
    ),
    Kind(
        "a used refresh token that works for some seconds more",
        "tried after the time that the contract tells, else INCONCLUSIVE with the key",
        "suites/exam/rules/test_misbehaving_platform::"
        "test_a_used_refresh_token_that_works_for_some_seconds_more_accuses_nobody",
    ),
    Kind(
        "losses in a drill that the load without a fault has in the same way",
        "`failures-handled` INCONCLUSIVE; `zero-data-loss` FAIL",
        f"{_OF_DRILLS}losses_that_the_load_has_in_the_same_way_are_not_held_against_the_fault",
    ),
    Kind(
        "a page without questions or clock, whole minutes, no time zone, grace, an end that the submit sets, lost time "
        "that is given back",
        "not compared, or within the tolerance",
        f"{_SHOWN_AGAIN}what_one_page_does_not_show_or_rounds_accuses_nobody "
        f"{_SHOWN_AGAIN}in_a_drill_a_later_end_is_right_because_a_platform_may_give_lost_time_back "
        "suites/exam/stored_exams/test_stored_ends::test_grace_is_no_difference "
        "suites/exam/stored_exams/test_stored_ends::test_an_end_that_the_submit_has_set_is_not_compared "
        "suites/exam/stored_exams/test_stored_ends::"
        "test_a_column_without_a_time_zone_or_a_value_is_not_compared",
    ),
    Kind(
        "ids in upper case, without dashes or in braces, in all tables or in one",
        "nothing is lost, and no event names another person",
        f"{_CALIBRATION}ids_may_be_spelled_in_another_way "
        "integrity/test_sql_checks::test_another_spelling_of_a_person_is_no_other_person",
    ),
    Kind(
        "a source that does not show what the API shows",
        "INCONCLUSIVE with the cause",
        f"{_CALIBRATION}what_the_database_does_not_show_and_the_api_does_is_no_loss",
    ),
    Kind(
        "row level security",
        "INCONCLUSIVE",
        f"{_CALIBRATION}rows_that_row_level_security_hides_are_no_loss_and_no_pass "
        f"{_CALIBRATION}rows_of_other_users_may_be_hidden",
    ),
    Kind(
        "a replica that lags",
        "waited for, or INCONCLUSIVE",
        f"{_CALIBRATION}a_source_that_lags_is_waited_for_and_compared_again "
        f"{_CALIBRATION}a_standby_that_does_not_follow_is_no_source",
    ),
    Kind(
        "a pooler that drops or refuses `options`",
        "read in one read-only transaction, or not read",
        "target/test_database::test_nothing_can_be_written "
        "target/test_database::test_no_statement_opens_a_way_to_write "
        "target/test_database::test_a_database_that_does_not_keep_a_transaction_read_only_is_not_read",
    ),
    Kind(
        "peaks and counters of an earlier rehearsal",
        "differences over this load count",
        "observe/test_metrics_watch::test_a_peak_of_an_earlier_rehearsal_is_not_one_of_this_load "
        "observe/test_metrics_watch::test_errors_of_redis_are_those_since_the_watch_began",
    ),
    Kind(
        "a log that is unreadable, cut, rotated or of another time zone",
        "INCONCLUSIVE with a sample line",
        "observe/test_log_reader::test_a_log_of_which_no_line_can_be_read_is_unmeasurable_with_a_sample "
        "observe/test_log_reader::test_times_of_another_time_zone_are_told_as_such "
        "observe/test_log_reader::test_a_log_whose_newest_line_is_old_says_nothing_and_is_of_no_other_zone "
        "observe/test_log_reader::test_a_log_file_that_is_gone_is_named "
        "observe/test_log_review::test_tracebacks_and_cut_lines_among_the_lines_of_many_blocks_are_counted "
        "activities/test_observability::test_a_log_that_was_rotated_after_the_first_requests_accuses_nobody",
    ),
    Kind(
        "values that are no numbers: NaN, `2 ms`, 404.0, 10**400",
        "left out or told; nothing crashes",
        f"{_CONTENTS}what_is_no_number_is_none_and_no_crash {_CONTENTS}a_status_may_be_written_in_several_ways "
        "observe/test_metrics_watch::test_a_value_that_is_no_count_costs_only_its_own_figure",
    ),
    Kind(
        "no runtime, no allowed operation, no limited call, jobs that nobody can run",
        "INCONCLUSIVE, said once",
        f"{_LINES}test_freeze_lines::test_exam_mode_is_inconclusive_where_something_was_not_tried "
        "suites/exam/probes/test_untried_probes::"
        "test_a_rate_limit_that_was_not_seen_before_the_fault_is_not_judged",
    ),
    Kind(
        "a wrong password of the configuration",
        "nobody is harmed",
        "activities/test_load::test_who_is_refused_again_after_the_load_is_not_harmed_and_has_no_errors "
        "suites/exam/drills/test_exam_workload::"
        "test_who_is_refused_in_a_drill_and_again_after_it_has_a_wrong_password",
    ),
    Kind(
        "a machine that others keep busy",
        "slow is INCONCLUSIVE, wrong stays FAIL",
        f"{_LINES}test_busy_machine::"
        "test_a_slow_run_on_a_busy_machine_is_inconclusive_with_the_share_of_others "
        f"{_LINES}test_busy_machine::test_errors_are_errors_on_a_busy_machine_too",
    ),
    Kind(
        "few failures among few requests, a short peak of the pool",
        "told, and accuses nobody",
        f"{_WINDOWS}four_resets_among_851_requests_accuse_no_window "
        f"{_OF_DRILLS}one_failure_among_few_requests_after_the_recovery_is_no_rate "
        f"{_LINES}test_load_lines::test_a_short_peak_of_the_pool_is_told_and_accuses_nobody",
    ),
    Kind(
        "a gateway that gives requests ids of its own",
        "GO if answers name them, otherwise INCONCLUSIVE with an id of the log",
        "gateway_ids activities/test_observability::test_requests_are_found_by_the_ids_that_their_answers_name "
        "activities/test_observability::"
        "test_a_log_that_names_other_ids_than_those_that_were_sent_accuses_nobody",
    ),
    Kind(
        "log lines that are written seconds after their requests; one of several logs rotated",
        "read again for 30 s, then INCONCLUSIVE",
        "observe/test_log_review::test_a_log_that_lacks_the_last_request_is_looked_at_for_half_a_minute "
        "activities/test_observability::"
        "test_requests_after_the_end_of_a_log_that_is_still_written_accuse_nobody "
        "activities/test_observability::test_of_several_logs_the_one_that_begins_last_is_the_one_that_was_cut "
        "observe/test_log_warnings::test_a_warning_that_is_written_late_is_waited_for "
        "observe/test_log_warnings::test_a_log_that_does_not_hold_the_whole_fault_accuses_nobody",
    ),
    Kind(
        "losses at other times than the fault's",
        "told with the time; not the drill's where they came after it",
        f"{_OF_DRILLS}what_was_lost_is_told_by_the_time_at_which_it_was_acknowledged "
        f"{_OF_DRILLS}losses_acknowledged_after_the_recovery_are_not_the_drills",
    ),
    Kind(
        "the platform's own words in a refusal",
        "told",
        f"{_LOAD}test_candidate_retries::test_a_refusal_keeps_the_platforms_own_words",
    ),
    Kind(
        "`Retry-After: 3600` for one of many",
        "waited for as long as the patience of this candidate",
        f"{_LOAD}test_candidate_retries::"
        "test_a_candidate_waits_no_longer_than_its_patience "
        f"{_LOAD}test_hostile_values::test_a_request_to_wait_for_ever_is_obeyed_until_patience_ends",
    ),
    Kind(
        "no defect: one of two clicks is refused, every further submit is refused",
        "GO",
        "refuses_twins suites/exam/rules/test_misbehaving_platform::"
        "test_a_platform_that_refuses_every_further_submit_keeps_the_rules "
        "defects/test_without_defect::test_it_is_go_and_nobody_is_harmed",
    ),
)
"""What a rehearsal must not accuse a platform of, because it is no mistake, or because the rehearsal cannot see
enough."""


def missing() -> Iterator[str]:
    """The names in `shown` for which there is neither a planted defect nor a test."""
    planted = {one.how for one in (*MISBEHAVIOURS, *CLOCKS, *DEADLINES)}
    rehearsals = "".join(path.read_text() for path in HERE.glob("test_*.py"))
    planted |= {path.stem for path in HERE.glob("*/*.*") if f'"{path.stem}"' in rehearsals}
    for kind in (*NOTICED, *FELT, *SPARED):
        for name in kind.shown_by:
            file, _, test = name.partition("::")
            if not (_has_test(file, test) if test else name in planted or f'"{name}"' in rehearsals):
                yield name


def _has_test(file: str, test: str) -> bool:
    path = TESTS / f"{file}.py"
    return path.exists() and any(
        isinstance(node, ast.FunctionDef) and node.name == test for node in ast.parse(path.read_text()).body
    )
