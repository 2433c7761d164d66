"""The checks of the phases: each passes on a good rehearsal, and what it is there for turns it red and little else."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

from pytest_examday import rehearsal
from pytest_examday.config.environment import Environment
from pytest_examday.evidence.drill_outcome import DrillEvidence, Recovery
from pytest_examday.evidence.figures import ActorFate, HarmedActor
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import LOG_OF_ANSWERS, Reconciliation
from pytest_examday.integrity.sql_checks import SEED_CHECKS
from pytest_examday.record import Record
from pytest_examday.suites.exam.evidence import IntegrityEvidence, LoadEvidence
from tests.report import samples

Red = set[str]


def _probe(name: str, *, passed: bool = False) -> Probe:
    return Probe(name=name, passed=passed, detail="HTTP 200" if passed else "HTTP 500")


RECORDS: dict[str, Any] = {
    **{name: item.record for name, item in samples.everything().items()},
    "planned_drill": samples.drill("worker_loss").model_copy(
        update={"probes": (_probe("resume after", passed=True), _probe("submit after", passed=True))}
    ),
}
LOAD: LoadEvidence = RECORDS["load"]
REDIS: DrillEvidence = RECORDS["redis_outage"]
BACKEND: DrillEvidence = RECORDS["recovery"]
INTEGRITY: IntegrityEvidence = RECORDS["integrity"]
FELT = HarmedActor(actor="cyd", activity="load", harm="waited-too-long", story="waited for 31 s")
STUCK: ActorFate = LOAD.fates[0].model_copy(update={"finished": False, "story": "submit was refused"})
_PHASES = "test_examday_phase"


def _checks() -> list[Callable[..., None]]:
    """Every check of every phase; the gates are shown to fail elsewhere."""
    names = [one.name for one in pkgutil.iter_modules(rehearsal.__path__) if one.name.startswith(_PHASES)]
    modules = [importlib.import_module(f"{rehearsal.__name__}.{name}") for name in names]
    return [
        one
        for module in modules
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_")
    ]


CHECKED = _checks()


def _said(records: dict[str, Any]) -> dict[str, str]:
    """What the checks say that fail on these records."""
    given = {f"{name}_evidence": record for name, record in records.items()} | {"environment": Environment(name="x")}
    said = {}
    for check in CHECKED:
        try:
            check(**{name: given[name] for name in get_type_hints(check) if name != "return"})
        except pytest.fail.Exception as failure:
            said[check.__name__] = str(failure)
    return said


def _planted(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    record: Record = RECORDS[name]
    return {**RECORDS, name: record.model_copy(update=fields)}


def _with(items: tuple[Any, ...], new: Any, field: str = "name") -> tuple[Any, ...]:
    """The same, with the new one in place of the one of its name."""
    name = getattr(new, field)
    assert any(getattr(one, field) == name for one in items)
    return tuple(new if getattr(one, field) == name else one for one in items)


def _failed(probes: tuple[Probe, ...], name: str) -> tuple[Probe, ...]:
    return _with(probes, _probe(name))


def _late(recoveries: tuple[Recovery, ...], name: str) -> tuple[Recovery, ...]:
    return _with(recoveries, Recovery(name=name, seconds=None, detail="HTTP 503"))


def _found(**counts: object) -> dict[str, Reconciliation]:
    return {"reconciliation": INTEGRITY.reconciliation.model_copy(update=counts)}


def _count(name: str) -> dict[str, Any]:
    """One row found by that SQL check."""
    found = INTEGRITY.check(name).model_copy(update={"count": 1, "sample": ("row",)})
    return {"checks": _with(INTEGRITY.checks, found)}


def _operation(name: str) -> dict[str, Any]:
    """Every tenth request of that operation failed."""
    return {"operations": _with(LOAD.operations, samples.figures(name, 400, 40), "operation")}


def _slow(name: str) -> dict[str, Any]:
    """Its p95 is above the limit."""
    return {"steady": _with(LOAD.steady, samples.figures(name, 400, p95=501.0), "operation")}


CRASHED = {"during": BACKEND.during}
FREEZE = RECORDS["freeze"]
ENDPOINTS = {
    "health": "test_health_is_accessible",
    "ready": "test_ready_is_accessible",
    "create": "test_session_creation_works",
    "answer": "test_answer_submission_works",
    "submit": "test_session_submit_works",
}
OPERATIONS = {
    "create": "test_session_creation",
    "answer": "test_answer_submissions",
    "submit": "test_session_submits",
}
RESTORED = {
    "health": "test_health_is_restored",
    "ready": "test_ready_is_restored",
    "create": "test_session_creation_is_restored",
    "answer": "test_answer_submission_is_restored",
    "submit": "test_session_submit_is_restored",
}
LIVED = {
    "resume": "test_resume_works_after_refresh",
    "timer": "test_timer_behaves_correctly",
    "refresh": "test_token_refresh_does_not_interrupt_session",
    "logout": "test_logout_does_not_delete_active_attempt_state",
}
TRIED = {
    "rate limit during": "test_redis_rate_limits_are_bypassed",
    "login during": "test_redis_auth_still_works",
    "refresh during": "test_redis_auth_still_works",
    "create during": "test_redis_exams_go_on",
    "answer during": "test_redis_exams_go_on",
    "submit during": "test_redis_exams_go_on",
}

PLANTED: list[tuple[str, dict[str, Any], Red]] = [
    ("freeze", {"exam_mode_readings": (True, False)}, {"test_exam_mode_is_on"}),
    ("freeze", {"exam_mode_readings": (True, None)}, {"test_exam_mode_is_on"}),
    ("freeze", {"exam_mode_environment": {"worker-2": "false"}}, {"test_every_worker_runs_with_exam_mode"}),
    ("freeze", {"exam_mode_environment": {"worker-2": None}}, {"test_every_worker_runs_with_exam_mode"}),
    ("freeze", {"background_processes": ("celery beat",)}, {"test_no_cron_jobs_running"}),
    ("freeze", {"jobs": (_probe("revision_queue_regen"),)}, {"test_scheduled_tasks_are_skipped"}),
    (
        "freeze",
        {"guards": _failed(FREEZE.guards, "rank runs")},
        {"test_heavy_analytics_are_disabled", "test_every_guarded_operation_refuses"},
    ),
    ("freeze", {"guards": (*FREEZE.guards, _probe("bulk import"))}, {"test_every_guarded_operation_refuses"}),
    ("freeze", {"allowed": (_probe("dry run"),)}, {"test_allowed_operations_go_on"}),
    *(("freeze", {"endpoints": _failed(FREEZE.endpoints, name)}, {red}) for name, red in ENDPOINTS.items()),
    ("load", {"generator": LOAD.generator.model_copy(update={"finished_actors": 39})}, {"test_load_was_delivered"}),
    *(("load", _operation(name), {red}) for name, red in OPERATIONS.items()),
    *(("load", _slow(name), {red}) for name, red in OPERATIONS.items()),
    (
        "load",
        {"harmed": (FELT.model_copy(update={"harm": "no-submit"}),)},
        {"test_every_candidate_submitted"},
    ),
    ("load", {"harmed": (FELT,)}, {"test_nobody_was_harmed_by_waiting"}),
    ("load", {"pool": samples.pool(0.8)}, {"test_database_connection_pool"}),
    ("load", {"redis_connection_failures": 1}, {"test_redis_status"}),
    ("load", {"ready_degraded": 1}, {"test_redis_status"}),
    *(("redis_outage", {"probes": _failed(REDIS.probes, name)}, {red}) for name, red in TRIED.items()),
    ("redis_outage", CRASHED, {"test_redis_no_request_crashes"}),
    ("redis_outage", {"warnings_logged": 0}, {"test_redis_warnings_are_logged"}),
    ("redis_outage", _found(lost=1), {"test_redis_no_lost_answers"}),
    ("redis_outage", {"recoveries": _late(REDIS.recoveries, "worker-1")}, {"test_redis_recovery_time"}),
    ("redis_outage", {"fault_gone": False}, {"test_redis_recovery_time"}),
    (
        "worker_loss",
        {"probes": (_probe("others serve"), _probe("retry", passed=True))},
        {"test_worker_others_serve_traffic"},
    ),
    ("worker_loss", {**CRASHED, "cuts_connections": False}, {"test_worker_others_serve_traffic"}),
    ("worker_loss", _found(stale=1), {"test_worker_no_lost_answers"}),
    (
        "worker_loss",
        {"probes": (_probe("others serve", passed=True), _probe("retry"))},
        {"test_worker_clients_retry_safely"},
    ),
    ("worker_loss", {"fates": (STUCK,)}, {"test_worker_clients_retry_safely"}),
    ("worker_loss", {"recoveries": _late(REDIS.recoveries, "worker-1")}, {"test_worker_recovery_time"}),
    (
        "planned_drill",
        {"probes": (*RECORDS["planned_drill"].probes, _probe("login during"))},
        {"test_drill_expected_behavior"},
    ),
    (
        "planned_drill",
        {"probes": (_probe("resume after"), _probe("submit after", passed=True))},
        {"test_drill_expected_behavior", "test_drill_clients_retry_safely", "test_drill_sessions_continue"},
    ),
    ("planned_drill", {"fates": (STUCK,)}, {"test_drill_clients_retry_safely", "test_drill_sessions_continue"}),
    ("planned_drill", {**CRASHED, "cuts_connections": False}, {"test_drill_no_request_crashes"}),
    ("planned_drill", {"stopped": "11 of 20 requests failed"}, {"test_drill_harm_stays_within_limits"}),
    ("planned_drill", _found(vanished=1), {"test_drill_no_lost_answers"}),
    ("planned_drill", {"recoveries": _late(REDIS.recoveries, "answer")}, {"test_drill_recovery_time"}),
    *(("integrity", _count(name), {f"test_{name}"}) for name in SEED_CHECKS),
    ("integrity", _found(lost=1), {"test_every_acknowledged_answer_is_kept"}),
    ("integrity", _found(stale=1), {"test_every_acknowledged_answer_is_kept"}),
    ("integrity", _found(vanished=1), {"test_every_acknowledged_answer_is_kept"}),
    ("integrity", _found(event_missing=1), {"test_the_platforms_own_log_agrees"}),
    ("integrity", _found(event_disagrees=1), {"test_the_platforms_own_log_agrees"}),
    ("integrity", _found(wrong_scores=1), {"test_every_score_is_as_earned"}),
    ("integrity", _found(never_sent=1), {"test_nothing_is_stored_that_nobody_sent"}),
    ("integrity", _found(accepted_after_submit=1), {"test_nothing_is_stored_that_nobody_sent"}),
    ("integrity", _found(owner_changed=1), {"test_nothing_is_stored_that_nobody_sent"}),
    *(("experience", {"probes": _failed(RECORDS["experience"].probes, name)}, {red}) for name, red in LIVED.items()),
    ("observability", {"p95_ms": 501.0}, {"test_request_duration"}),
    ("observability", {"very_slow_queries": 15}, {"test_database_query_duration"}),
    ("observability", {"very_slow_queries": 8, "requests_disturbed": 700}, {"test_database_query_duration"}),
    ("observability", {"server_errors": 15, "error_rate": 0.0102}, {"test_error_rates"}),
    ("observability", {"pool": samples.pool(0.8)}, {"test_database_pool_usage"}),
    ("observability", {"traced": 199}, {"test_request_id_traceability"}),
    ("observability", {"failures_logged": 3, "failures_silent": ("ed-1",)}, {"test_failures_are_logged"}),
    ("recovery", {"fault_gone": False}, {"test_restart_time"}),
    *(
        ("recovery", {"recoveries": _late(BACKEND.recoveries, name)}, {red, "test_recovery_time"})
        for name, red in RESTORED.items()
    ),
    ("recovery", {"recoveries": _late(BACKEND.recoveries, "worker-1")}, {"test_recovery_time"}),
    ("recovery", {"fates": (STUCK,)}, {"test_sessions_continue"}),
    ("integrity_after", _count("orphaned_events"), {"test_data_consistency"}),
    ("integrity_after", _found(lost=1), {"test_data_consistency"}),
]
"""What is wrong with one piece of evidence, and the checks that say so."""

UNMEASURED: list[tuple[str, dict[str, Any], Red]] = [
    ("preflight", {"cache": "not reached: refused"}, {"test_api_answers"}),
    ("freeze", {"exam_mode_readings": ()}, {"test_exam_mode_is_on"}),
    ("freeze", {"exam_mode_environment": {}}, {"test_every_worker_runs_with_exam_mode"}),
    ("freeze", {"background_processes": None}, {"test_no_cron_jobs_running"}),
    ("freeze", {"jobs": ()}, {"test_scheduled_tasks_are_skipped"}),
    ("freeze", {"guards": ()}, {"test_heavy_analytics_are_disabled", "test_every_guarded_operation_refuses"}),
    ("freeze", {"allowed": ()}, {"test_allowed_operations_go_on"}),
    ("freeze", {"endpoints": ()}, set(ENDPOINTS.values())),
    ("load", {"operations": ()}, set(OPERATIONS.values())),
    ("load", {"steady": ()}, set(OPERATIONS.values())),
    ("load", {"fates": ()}, {"test_every_candidate_submitted", "test_nobody_was_harmed_by_waiting"}),
    ("load", {"planned": {"create": 40}}, {"test_every_candidate_submitted"}),
    ("load", {"generator": LOAD.generator.model_copy(update={"delivered_actions": 400})}, {"test_load_was_delivered"}),
    ("load", {"arrivals": None}, {"test_load_was_delivered"}),
    ("load", {"pool": samples.pool(None)}, {"test_database_connection_pool"}),
    ("load", {"redis_connection_failures": None}, {"test_redis_status"}),
    ("redis_outage", {"probes": ()}, set(TRIED.values())),
    ("redis_outage", {"warnings_logged": None}, {"test_redis_warnings_are_logged"}),
    ("redis_outage", {"reconciliation": None}, {"test_redis_no_lost_answers"}),
    ("redis_outage", {"recoveries": ()}, {"test_redis_recovery_time"}),
    ("worker_loss", {"fates": ()}, {"test_worker_clients_retry_safely"}),
    ("planned_drill", {"reconciliation": None}, {"test_drill_no_lost_answers"}),
    ("planned_drill", {"recoveries": ()}, {"test_drill_recovery_time"}),
    (
        "integrity",
        {"checks": (), "checks_unmeasured": "the database cannot be reached"},
        {f"test_{n}" for n in SEED_CHECKS},
    ),
    ("integrity", {"summary": None}, {f"test_{name}" for name in SEED_CHECKS}),
    ("integrity", _found(unread=1), {"test_every_acknowledged_answer_is_kept"}),
    ("integrity", _found(scores_compared=0), {"test_every_score_is_as_earned"}),
    ("integrity", _found(unjudged=(LOG_OF_ANSWERS,)), {"test_the_platforms_own_log_agrees"}),
    ("observability", {"p95_ms": None}, {"test_request_duration"}),
    ("observability", {"requests_disturbed": 1470}, {"test_database_query_duration"}),
    ("observability", {"error_rate": None}, {"test_error_rates"}),
    ("observability", {"pool": samples.pool(None)}, {"test_database_pool_usage"}),
    ("observability", {"redis_reconnects": None}, {"test_redis_reconnects"}),
    ("observability", {"trace_sampled": 0, "traced": 0}, {"test_request_id_traceability"}),
    ("observability", {"client_failures": 0, "failures_logged": 0}, {"test_failures_are_logged"}),
    ("recovery", {"restart_seconds": None}, {"test_restart_time"}),
    (
        "integrity_after",
        {"checks": (), "checks_unmeasured": "the database cannot be reached"},
        {"test_data_consistency"},
    ),
]
"""What was not measured, and the checks that cannot tell because of it."""


def test_every_check_passes_on_a_good_rehearsal() -> None:
    assert _said(RECORDS) == {}


@pytest.mark.parametrize(("name", "fields", "red"), PLANTED)
def test_what_a_check_is_there_for_turns_it_red(name: str, fields: dict[str, Any], red: Red) -> None:
    said = _said(_planted(name, fields))
    assert set(said) == red
    assert not [one for one in said.values() if one.startswith("INCONCLUSIVE")]


@pytest.mark.parametrize(("name", "fields", "red"), UNMEASURED)
def test_what_was_not_measured_is_no_pass(name: str, fields: dict[str, Any], red: Red) -> None:
    said = _said(_planted(name, fields))
    assert set(said) == red
    assert all(one.startswith("INCONCLUSIVE: ") for one in said.values()), said


def test_no_check_is_left_out_here() -> None:
    assert {check.__name__ for check in CHECKED} == {name for _, _, red in (*PLANTED, *UNMEASURED) for name in red}
