"""Webhooks: who may send them, and what one leaves behind."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.waiting import wait_until

from .service_harness import Company, WebhookService, signed

EVENTS = "event_keys"


def test_an_event_is_stored_with_its_case_and_reminders_after_0_2_and_4_days(company: Company) -> None:
    answer = company.send(company.event("evt-first"))
    assert answer.status_code == 202
    assert answer.json()["duplicate"] is False
    (event,) = company.rows("events")
    assert (str(event["id"]), event["external_id"]) == (answer.json()["id"], "evt-first")
    (case,) = company.rows("recovery_cases")
    assert (case["state"], case["event_count"], case["first_event_id"]) == ("open", 1, event["id"])
    actions = {row["offset_days"]: row["scheduled_for"] - case["opened_at"] for row in company.rows("recovery_actions")}
    assert {days: span.total_seconds() for days, span in actions.items()} == {0: 0, 2: 172_800, 4: 345_600}
    due = {(job["run_at"] - case["opened_at"]).days for job in company.rows("job_queue")}
    assert due == {0, 2, 4}
    (assigned,) = company.rows("experiment_assignments")
    assert assigned["variant"] in {"calm", "urgent"}


def test_a_second_failure_joins_the_open_case_and_a_payment_closes_it(company: Company) -> None:
    person = "anna@people.example"
    for _ in range(2):
        assert company.send(company.event(person=person)).status_code == 202
    (case,) = company.rows("recovery_cases")
    assert case["event_count"] == 2
    assert len(company.rows("recovery_actions")) == 3
    assert company.send(company.event(kind="payment_succeeded", person=person.upper())).status_code == 202
    (case,) = company.rows("recovery_cases")
    assert case["state"] == "recovered"
    states = {row["offset_days"]: row["state"] for row in company.rows("recovery_actions")}
    assert (states[2], states[4]) == ("cancelled", "cancelled")
    assert company.send(company.event(person=person)).status_code == 202
    assert sorted(row["state"] for row in company.rows("recovery_cases")) == ["open", "recovered"]


def test_50_simultaneous_duplicates_have_one_effect(company: Company) -> None:
    body = company.event("evt-many")
    with ThreadPoolExecutor(25) as senders:
        answers = list(senders.map(lambda _: company.send(body), range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(answer.json()["duplicate"] for answer in answers) == [False, *[True] * 49]
    assert len({answer.json()["id"] for answer in answers}) == 1
    counts = [len(company.rows(name)) for name in ("events", "event_keys", "recovery_cases", "recovery_actions")]
    assert counts == [1, 1, 1, 3]
    assert company.rows("recovery_cases")[0]["event_count"] == 1


@pytest.mark.parametrize("age", [0, 295, -295])
def test_a_time_stamp_within_five_minutes_is_accepted(company: Company, age: int) -> None:
    body = company.event()
    assert company.send(body, signed(company.secret, body, int(time.time()) - age)).status_code == 202


@pytest.mark.parametrize("stamp", [-301, -4000, 305, 4000])
def test_a_stale_or_future_time_stamp_is_refused(company: Company, stamp: int) -> None:
    body = company.event()
    _is_refused(company, company.send(body, signed(company.secret, body, int(time.time()) + stamp)))


@pytest.mark.parametrize("stamp", ["", "yesterday", "1e9", "12345678901234567890", "-5"])
def test_a_time_stamp_that_is_no_time_is_refused(company: Company, stamp: str) -> None:
    body = company.event()
    _is_refused(company, company.send(body, signed(company.secret, body, stamp)))


def test_a_time_stamp_that_was_renewed_is_refused(company: Company) -> None:
    body = company.event()
    old = signed(company.secret, body, int(time.time()) - 4000)
    _is_refused(company, company.send(body, {**old, "X-Timestamp": str(int(time.time()))}))


def test_signatures_that_do_not_fit_are_refused(company: Company, service: WebhookService) -> None:
    body, other = company.event(), service.company()
    good = signed(company.secret, body)
    plain = {name: value for name, value in good.items() if name != "X-Signature"}
    tries = {
        "none": plain,
        "empty": {**plain, "X-Signature": ""},
        "wrong": {**plain, "X-Signature": "v1=" + "0" * 64},
        "without its version": {**plain, "X-Signature": good["X-Signature"].removeprefix("v1=")},
        "of another company": signed(other.secret, body),
        "of another body": signed(company.secret, company.event()),
        "without a time": {name: value for name, value in good.items() if name != "X-Timestamp"},
    }
    for name, headers in tries.items():
        answer = company.send(body, headers)
        assert answer.status_code == 401, name
    _is_refused(company, company.send(body.replace(b"1200", b"1299"), good))
    answer = service.client.post("/webhooks/nobody", content=body, headers=good)
    assert answer.status_code == 401


def test_one_of_several_signatures_is_enough(company: Company) -> None:
    body = company.event()
    good = signed(company.secret, body)
    assert company.send(body, {**good, "X-Signature": f"v1={'0' * 64}, {good['X-Signature']}"}).status_code == 202


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"id": "\\ud800", "person": "p", "type": "payment_failed"}', "id must be a text"),
        (b'{"id": "e", "person": "\\u0000", "type": "payment_failed"}', "person must be a text"),
        (b'{"id": "e", "person": "p", "type": "refund"}', "type must be one of"),
        (b'{"person": "p", "type": "payment_failed"}', "id must be a text"),
        (b'{"id": "e", "type": "payment_failed"}', "person must be a text"),
        (b'{"id": "e", "person": "p", "type": "payment_failed", "occurred_at": "soon"}', "occurred_at"),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(company: Company, body: bytes, said: str) -> None:
    answer = company.send(body)
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.text
    assert company.rows(EVENTS) == []
    assert company.rows("rate_limits") == []


def test_a_body_that_is_too_large_is_refused(company: Company) -> None:
    assert company.send(company.event(filler="x" * 70_000)).status_code == 413
    parts = (company.event(filler="x" * 10_000) for _ in range(8))
    answer = company.service.client.post(f"/webhooks/{company.id}", content=parts)  # sent without a length
    assert answer.status_code == 413
    assert company.rows(EVENTS) == []


def test_the_limit_lets_its_number_through_and_refuses_the_next(company: Company, service: WebhookService) -> None:
    service.change("INSERT INTO rate_limits VALUES (%s, now() - interval '10 minutes', 68)", company.id)
    assert [company.send(company.event()).status_code for _ in range(2)] == [202, 202]
    refused = company.send(company.event())
    assert refused.status_code == 429
    assert 2_900 <= int(refused.headers["Retry-After"]) <= 3_000
    assert len(company.rows(EVENTS)) == 2
    unsigned = company.event()
    assert company.send(unsigned, signed("another secret", unsigned)).status_code == 401, "the signature comes first"
    assert service.company().send(company.event()).status_code == 202, "other companies have limits of their own"
    service.change("UPDATE rate_limits SET window_started_at = now() - interval '61 minutes'")
    assert company.send(company.event()).status_code == 202
    assert company.rows("rate_limits")[0]["accepted"] == 1


def test_the_payload_is_minimal_and_encrypted_and_nothing_personal_is_in_a_log(
    company: Company, service: WebhookService
) -> None:
    canary = "canary-7f3a9"
    data = {"amount": 99, "currency": "EUR", "reason": "card_declined", "name": canary, "card": {"holder": canary}}
    body = company.event(person=f"{canary}@people.example", data=data, note=canary)
    assert company.send(body).status_code == 202
    assert company.send(body + b"x").status_code == 400
    assert company.send(json.dumps({"id": canary, "person": canary}).encode()).status_code == 400
    (event,) = company.rows("events")
    assert event["payload"] == {"amount": 99, "currency": "EUR", "reason": "card_declined"}
    assert event["payload_encrypted"]
    tables = service.query(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(relname) AS name FROM pg_stat_user_tables"
    )
    for table in tables:
        assert service.query(f"SELECT FROM {table['name']} t WHERE t::text LIKE %s", f"%{canary}%") == [], table
    assert canary not in service.text_of_logs()


def test_every_reply_has_a_request_id_and_the_log_has_one_line_for_it(service: WebhookService) -> None:
    answer = service.client.get("/health", headers={"X-Request-ID": "mine-1"})
    assert answer.headers["X-Request-ID"] == "mine-1"
    wait_until(lambda: service.logged(event="request", request_id="mine-1"))  # it is written after the reply was sent
    (line,) = service.logged(event="request", request_id="mine-1")
    assert (line["route"], line["status"], line["method"]) == ("/health", 200, "GET")


def test_a_refusal_is_a_security_event(company: Company, service: WebhookService) -> None:
    body = company.event()
    answer = company.send(body, signed("wrong", body))
    (line,) = service.logged(event="security", request_id=answer.headers["X-Request-ID"])
    assert (line["reason"], line["company"]) == ("bad_signature", company.id)


def _is_refused(company: Company, answer: httpx.Response) -> None:
    """Refused without a word about the reason, and nothing was stored."""
    assert answer.status_code == 401
    assert answer.json() == {"detail": "the signature or time stamp is not valid"}
    assert company.rows(EVENTS) == []
    assert company.rows("rate_limits") == []
