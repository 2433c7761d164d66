"""Retention by age, and deletion on request."""

import json

from psycopg.types.json import Jsonb

from .service_harness import Company, WebhookService

_EVENT = """
    WITH key AS (
        INSERT INTO event_keys (company_id, external_id) VALUES (%(company)s, %(name)s) RETURNING event_id
    )
    INSERT INTO events (id, company_id, external_id, event_type, person_ref, payload, payload_encrypted, received_at)
    SELECT event_id, %(company)s, %(name)s, 'customer_updated', 'p', %(payload)s, 'canary',
           ((now() AT TIME ZONE 'UTC')::date - %(days)s::int + %(time)s::time) AT TIME ZONE 'UTC'
    FROM key
"""


def _age(company: Company, days: int, time: str) -> None:
    name, payload = f"{days} {time}", Jsonb({"amount": 1})
    company.service.change(_EVENT, company=company.id, name=name, days=days, time=time, payload=payload)


def test_payloads_go_after_30_days_and_events_after_60(company: Company, service: WebhookService) -> None:
    for days in (0, 29, 30, 31, 59, 60, 61, 400):
        for time in ("00:00", "23:59:59.999"):
            _age(company, days, time)
    removed = service.ask("POST", "/jobs/retention")
    assert removed["events_deleted"] >= 4
    with_payload: set[int] = set()
    without: set[int] = set()
    for row in company.rows("events"):
        is_there = row["payload_encrypted"] is not None
        assert is_there == (row["payload"] != {}) == (row["payload_purged_at"] is None), "both forms go together"
        (with_payload if is_there else without).add(int(row["external_id"].split()[0]))
    assert (with_payload, without) == ({0, 29, 30}, {31, 59, 60})
    assert len(company.rows("event_keys")) == len(company.rows("events")) == 12
    again = service.ask("POST", "/jobs/retention")
    assert (again["payloads_purged"], again["events_deleted"]) == (0, 0)


def test_a_case_outlives_the_event_that_opened_it(company: Company, service: WebhookService) -> None:
    company.send(company.event())
    service.change("UPDATE events SET received_at = now() - interval '70 days' WHERE company_id = %s", company.id)
    service.ask("POST", "/jobs/retention")
    assert company.rows("events") == []
    (case,) = company.rows("recovery_cases")
    assert (case["state"], case["first_event_id"]) == ("open", None)


def test_the_schedule_runs_the_retention_too(service: WebhookService) -> None:
    assert service.ask("GET", "/scheduler/status")["tasks"]["retention"]["runs"] >= 1


def test_a_deletion_request_removes_everything_about_the_person_and_nothing_else(
    company: Company, service: WebhookService
) -> None:
    person, other = "erase-me@people.example", "keep-me@people.example"
    for kind in ("payment_failed", "customer_updated"):
        company.send(company.event(kind=kind, person=person))
    company.send(company.event(person=other))
    elsewhere = service.company()
    elsewhere.send(elsewhere.event(person=person))
    body = {"company": company.id, "person": f" {person.upper()} "}
    assert service.ask("POST", "/privacy/deletions", json=body) == {"events": 2, "cases": 1, "jobs": 3}
    counts = {name: len(company.rows(name)) for name in ("events", "event_keys", "recovery_cases", "recovery_actions")}
    assert counts == {"events": 1, "event_keys": 1, "recovery_cases": 1, "recovery_actions": 3}
    assert len(company.rows("job_queue")) == 3
    assert len(company.rows("experiment_assignments")) == 1
    assert len(elsewhere.rows("events")) == 1
    assert service.ask("POST", "/privacy/deletions", json=body) == {"events": 0, "cases": 0, "jobs": 0}
    assert "erase-me" not in service.text_of_logs().lower()
    assert service.logged(event="security", reason="person_forgotten")


def test_a_deletion_request_without_person_or_company_is_refused(company: Company, service: WebhookService) -> None:
    bodies = ({"company": company.id}, {"company": "acme", "person": "p"}, {"company": company.id, "person": "\ud800"})
    for body in bodies:
        content = json.dumps(body)
        answer = service.client.post("/privacy/deletions", content=content, headers=service.administrator)
        assert answer.status_code == 400, body
