"""The job queue and the schedulers."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from pytest_examday.webhook_service.company_lock import CompanyLock
from tests.waiting import wait_until

from .service_harness import Company, WebhookService

_JOB = "INSERT INTO job_queue (company_id, kind, payload) VALUES (%s, %s, %s)"
_STATES = "SELECT state::text, count(*) FROM job_queue WHERE company_id = %s GROUP BY 1"


def _states(company: Company) -> dict[str, int]:
    return {row["state"]: row["count"] for row in company.service.query(_STATES, company.id)}


def _job(company: Company, kind: str) -> dict[str, Any]:
    (job,) = [row for row in company.rows("job_queue") if row["kind"] == kind]
    return job


def _due_now(company: Company) -> None:
    company.service.change(
        "UPDATE job_queue SET run_at = now() WHERE company_id = %s AND state = 'waiting'", company.id
    )


def test_a_reminder_is_sent_when_it_is_due_and_not_before(company: Company) -> None:
    company.send(company.event())
    wait_until(lambda: _states(company) == {"done": 1, "waiting": 2})
    earlier = "UPDATE job_queue SET run_at = run_at - interval '2 days' WHERE company_id = %s AND state = 'waiting'"
    company.service.change(earlier, company.id)
    wait_until(lambda: _states(company) == {"done": 2, "waiting": 1})
    sent = {row["offset_days"]: row["state"] for row in company.rows("recovery_actions")}
    assert sent == {0: "sent", 2: "sent", 4: "scheduled"}
    assert {job["attempts"] for job in company.rows("job_queue")} == {0, 1}


def test_each_job_is_done_once_by_schedulers_that_run_at_once(service: WebhookService) -> None:
    companies = [service.company() for _ in range(4)]
    for company in companies:
        service.change(
            "INSERT INTO recovery_cases (id, company_id, person_ref) VALUES (%s, %s, 'p')", company.id, company.id
        )
        service.change(
            "WITH actions AS (INSERT INTO recovery_actions (company_id, case_id, kind, offset_days, scheduled_for) "
            "SELECT %s, %s, 'reminder', n, now() FROM generate_series(0, 24) n RETURNING id, company_id) "
            "INSERT INTO job_queue (company_id, kind, payload) "
            "SELECT company_id, 'reminder', jsonb_build_object('action_id', id) FROM actions",
            company.id,
            company.id,
        )
    with ThreadPoolExecutor(4) as callers:
        passes = list(callers.map(lambda _: service.ask("POST", "/scheduler/run"), range(4)))
    assert all(ran["broken"] == 0 for ran in passes)
    for company in companies:
        wait_until(lambda company=company: _states(company) == {"done": 25})  # type: ignore[misc]
        assert {job["attempts"] for job in company.rows("job_queue")} == {1}
        assert {row["state"] for row in company.rows("recovery_actions")} == {"sent"}


def test_a_pass_can_be_asked_for_one_company(company: Company, service: WebhookService) -> None:
    service.control.stop("scheduler")
    try:
        other = service.company()
        for one in (company, other):
            one.send(one.event())
        ran = service.ask("POST", "/scheduler/run", json={"company": company.id})
    finally:
        service.control.start("scheduler")
    assert (ran["companies"], ran["done"]) == (1, 1)
    assert service.client.get("/scheduler/run", headers=service.administrator).status_code == 405


def test_the_job_of_a_killed_scheduler_comes_back_within_seconds(company: Company, service: WebhookService) -> None:
    case = str(uuid.uuid4())
    service.change("INSERT INTO recovery_cases (id, company_id, person_ref) VALUES (%s, %s, 'p')", case, company.id)
    service.change(
        "INSERT INTO recovery_actions (id, company_id, case_id, kind, offset_days, scheduled_for) "
        "VALUES (%s, %s, %s, 'reminder', 0, now())",
        case,
        company.id,
        case,
    )
    with psycopg.connect(service.state["database_url"]) as connection:
        connection.execute("SELECT FROM recovery_actions WHERE id = %s FOR UPDATE", (case,))
        service.change(_JOB, company.id, "reminder", Jsonb({"action_id": case}))
        wait_until(lambda: _job(company, "reminder")["state"] == "active")
        killed = _job(company, "reminder")["claimed_by"]
        service.control.kill(killed)
    try:
        wait_until(lambda: _job(company, "reminder")["state"] == "done")
    finally:
        service.control.start(killed)
    job = _job(company, "reminder")
    assert (job["attempts"], job["claimed_by"] != killed) == (2, True)
    waited = service.query(
        "SELECT extract(epoch FROM finished_at - created_at) AS seconds FROM job_queue WHERE id = %s", job["id"]
    )
    assert waited[0]["seconds"] >= 5, "the lease of the killed scheduler was respected"


def test_jobs_that_always_fail_do_not_stop_the_others_and_are_buried(company: Company, service: WebhookService) -> None:
    service.change(_JOB, company.id, "unheard-of", Jsonb({}))
    service.change(_JOB, company.id, "reminder", Jsonb({"action_id": str(uuid.uuid4())}))
    service.change(_JOB, company.id, "reminder", Jsonb(["not", "an", "object"]))
    company.send(company.event())
    wait_until(lambda: any(row["state"] == "sent" for row in company.rows("recovery_actions")))

    def all_buried() -> bool:
        _due_now(company)
        return len(company.rows("queue.dead_jobs")) >= 3

    wait_until(all_buried)
    failed = [job for job in company.rows("job_queue") if job["state"] == "failed"]
    assert {job["attempts"] for job in failed} == {3}
    assert {job["last_error"] for job in failed} == {
        "no handler for 'unheard-of'",
        "the action does not exist",
        "the payload names no action",
    }


def test_every_company_has_a_lock_that_postgresql_takes(service: WebhookService) -> None:
    lock = CompanyLock()
    keys = [lock.key(uuid.UUID(entry["id"])) for entry in service.state["companies"]]
    assert len(set(keys)) == len(keys)
    assert min(keys) < 0 < max(keys)
    assert max(abs(key) for key in keys) > 2**62
    for key in (-(2**63), 2**63 - 1):
        assert service.query("SELECT pg_try_advisory_xact_lock(%s) AS taken", key) == [{"taken": True}]


def test_the_status_tells_of_passes_and_of_the_queue(company: Company, service: WebhookService) -> None:
    company.send(company.event())
    before = service.ask("GET", "/scheduler/status")
    assert before["status"] == "ok"
    assert before["queue"]["waiting"] >= 2
    wait_until(
        lambda: (
            service.ask("GET", "/scheduler/status")["tasks"]["scheduler"]["runs"] > before["tasks"]["scheduler"]["runs"]
        )
    )


def test_the_status_is_late_when_no_scheduler_runs(service: WebhookService) -> None:
    service.control.stop("scheduler")
    try:
        service.change("UPDATE queue.schedules SET last_finished_at = now() - interval '1 minute'")
        assert service.ask("GET", "/scheduler/status")["status"] == "late"
        told = service.client.get("/health")
        assert (told.status_code, told.json()["status"], told.json()["scheduler"]) == (200, "degraded", "late")
    finally:
        service.control.start("scheduler")
    wait_until(lambda: service.client.get("/health").json()["status"] == "ok")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/scheduler/run"),
        ("GET", "/scheduler/status"),
        ("POST", "/jobs/retention"),
        ("POST", "/privacy/deletions"),
    ],
)
@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic YWRtaW46YWRtaW4="])
def test_endpoints_of_administrators_refuse_strangers(
    service: WebhookService, method: str, path: str, authorization: str
) -> None:
    answer = service.client.request(method, path, headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
