"""Exam mode freezes heavy work, and only heavy work."""

import json

import pytest

from pytest_examday.local_servers.control import ControlError
from pytest_examday.runtimes.embedded_runtime import EmbeddedRuntime
from tests.platform.platform_harness import Platform

OPERATIONS = (
    "/v1/admin/bkt/recompute",
    "/v1/admin/rank/runs",
    "/v1/admin/irt/runs",
    "/v1/admin/email/outbox/drain",
    "/v1/admin/notifications/broadcast",
    "/v1/admin/import/questions",
)
JOBS = ("revision_queue_regen", "warehouse_incremental_export")
QUESTION = {"stem": "Which?", "choices": {"A": "this", "B": "that"}, "correct_choice": "A", "theme_id": 1}


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_operation_is_refused_in_exam_mode(platform: Platform, path: str) -> None:
    answer = platform.admin().client.post(path, json={})
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("exam mode: ")
    assert platform.query("SELECT count(*) FROM admin_runs") == [(0,)]


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_operation_is_for_administrators(relaxed: Platform, path: str) -> None:
    assert relaxed.client().post(path, json={}).status_code == 401


def test_candidates_are_told_that_it_is_for_administrators(platform: Platform) -> None:
    client = platform.candidate().client
    answers = [client.post(path, json={}) for path in OPERATIONS]
    assert {(item.status_code, item.json()["detail"]) for item in answers} == {(403, "admin only")}


def test_every_operation_works_outside_exam_mode(relaxed: Platform) -> None:
    candidate = relaxed.candidate()
    candidate.submit(candidate.create())
    client = relaxed.admin().client
    answers = [client.post(path, json={"questions": [QUESTION]}) for path in OPERATIONS]
    assert [item.status_code for item in answers] == [202] * 6
    assert relaxed.query("SELECT count(*) FROM admin_runs") == [(6,)]
    assert relaxed.query("SELECT count(*) FROM email_outbox WHERE sent_at IS NULL") == [(0,)]
    assert relaxed.query("SELECT count(*) FROM questions WHERE stem = 'Which?'") == [(1,)]


@pytest.mark.parametrize("mode", ["platform", "relaxed"])
def test_a_dry_run_checks_and_writes_nothing(request: pytest.FixtureRequest, mode: str) -> None:
    running: Platform = request.getfixturevalue(mode)
    before = running.query("SELECT count(*) FROM questions")
    broken = {**QUESTION, "correct_choice": "C", "theme_id": 99}
    body = {"dry_run": True, "questions": [QUESTION, broken]}
    answer = running.admin().client.post("/v1/admin/import/questions", json=body)
    assert answer.status_code == 200
    assert (answer.json()["valid"], answer.json()["invalid"]) == (1, 1)
    assert len(answer.json()["problems"]) == 2
    assert running.query("SELECT count(*) FROM questions") == before


@pytest.mark.parametrize("job", JOBS)
def test_jobs_skip_in_exam_mode(platform: Platform, job: str) -> None:
    result = platform.control.run_job(job)
    assert result["exit_status"] == 0
    assert json.loads(result["output"]) == {"job": job, "outcome": "skipped", "reason": "EXAM_MODE"}
    assert platform.query("SELECT DISTINCT outcome FROM job_runs WHERE name = %s", job) == [("skipped",)]


@pytest.mark.parametrize("job", JOBS)
def test_jobs_work_outside_exam_mode(relaxed: Platform, job: str) -> None:
    candidate = relaxed.candidate()
    candidate.submit(candidate.create())
    result = relaxed.control.run_job(job)
    assert result["exit_status"] == 0
    assert json.loads(result["output"])["outcome"] == "done"
    assert json.loads(result["output"])["rows"] > 0


def test_an_unknown_job_is_refused_with_the_valid_names(platform: Platform) -> None:
    with pytest.raises(ControlError, match="revision_queue_regen, warehouse_incremental_export"):
        platform.control.run_job("nonsense")


def test_exam_mode_can_be_read_from_the_workers_and_from_readiness(platform: Platform) -> None:
    assert platform.control.environment("worker-2")["EXAM_MODE"] == "true"
    assert platform.client().get("/v1/ready").json()["exam_mode"] is True


def test_the_runtime_hides_the_secrets_of_a_workers_environment(platform: Platform) -> None:
    environment = EmbeddedRuntime(platform.directory / "platform.json").environment("worker-2")
    assert environment["EXAM_MODE"] == "true"
    assert platform.state["redis_url"] not in environment.values()
    assert environment["EXAMDAY_JWT_SECRET"] == "********"
