"""Every planted defect shows, and only while it is planted."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from pytest_examday.webhook_service.company_lock import CompanyLock
from tests.waiting import wait_until

from .service_harness import Company, WebhookService, signature_by, signed
from .variants.defects import DEFECTS, VARIABLE

_LIMIT = 12
_COMPANIES = 2 * len(DEFECTS) + 24
_OLD = """
    WITH key AS (INSERT INTO event_keys (company_id, external_id) VALUES (%(company)s, %(name)s) RETURNING event_id)
    INSERT INTO events (id, company_id, external_id, event_type, person_ref, payload, payload_encrypted, received_at)
    SELECT event_id, %(company)s, %(name)s, 'customer_updated', 'p', '{"amount": 1}', 'canary',
           now() - make_interval(days => %(days)s)
    FROM key
"""


@pytest.fixture(scope="module")
def lawless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebhookService]:
    """A service with every defect built in and none planted."""
    directory = tmp_path_factory.mktemp("lawless")
    options = ("--parts", "variants:plant", "--companies", _COMPANIES, "--rate-limit", _LIMIT, "--schedulers", 2)
    running = WebhookService(directory / "service", *options, variables={VARIABLE: str(directory / "defects")})
    yield running
    assert running.end() == 0


@pytest.fixture
def plant(lawless: WebhookService) -> Iterator[Callable[[str], None]]:
    """Plants one defect until the end of the test."""
    path = lawless.directory.with_name("defects")

    def write(name: str) -> None:
        path.write_text(name)

    yield write
    path.unlink(missing_ok=True)


def _accepts(headers: Callable[[Company, bytes], dict[str, str]]) -> Callable[[Company], bool]:
    def shows(company: Company) -> bool:
        body = company.event()
        return company.send(body, headers(company, body)).status_code == 202

    return shows


def _status(body: Callable[[Company], bytes], wanted: int) -> Callable[[Company], bool]:
    return lambda company: company.send(body(company)).status_code == wanted


def _now() -> int:
    return int(time.time())


def _restamped(company: Company, body: bytes) -> dict[str, str]:
    return {**signed(company.secret, body, _now() - 4000), "X-Timestamp": str(_now())}


def _bare(company: Company, body: bytes) -> dict[str, str]:
    return {"X-Signature": signature_by("sha256", company.secret, body)}


def _weak(company: Company, body: bytes) -> dict[str, str]:
    stamp = str(_now())
    return {"X-Signature": signature_by("sha1", company.secret, f"{stamp}.".encode() + body), "X-Timestamp": stamp}


def _is_lost(company: Company) -> bool:
    assert company.send(company.event()).status_code == 202
    return company.rows("events") == []


def _at_once(company: Company) -> list[int]:
    body = company.event("evt-once")
    with ThreadPoolExecutor(8) as senders:
        return [answer.status_code for answer in senders.map(lambda _: company.send(body), range(8))]


def _is_stored_twice(company: Company) -> bool:
    assert set(_at_once(company)) == {202}
    return len(company.rows("events")) > 1


def _opens_no_case(company: Company) -> bool:
    company.send(company.event())
    return company.rows("recovery_cases") == []


def _canary_in(table: str) -> Callable[[Company], bool]:
    def shows(company: Company) -> bool:
        company.send(company.event(person="canary-91@people.example"))
        return any(b"canary-91" in bytes(str(row), "utf-8") for row in company.rows(table))

    return shows


def _canary_in_logs(company: Company) -> bool:
    person = f"canary-{company.id}@people.example"
    company.send(company.event(person=person))
    return person in company.service.text_of_logs()


def _accepted(company: Company, count: int = _LIMIT + 1) -> int:
    return [company.send(company.event()).status_code for _ in range(count)].count(202)


def _stops_others(company: Company) -> bool:
    assert _accepted(company) == _LIMIT
    other = company.service.company()
    return {other.send(other.event()).status_code for _ in range(4)} != {202}


def _is_used_up_by_strangers(company: Company) -> bool:
    for _ in range(_LIMIT):
        company.send(company.event(), {"X-Signature": "v1=00", "X-Timestamp": str(_now())})
    return company.rows("rate_limits") != []


def _says_no_time(company: Company) -> bool:
    assert _accepted(company, _LIMIT) == _LIMIT
    refused = company.send(company.event())
    assert refused.status_code == 429
    return "Retry-After" not in refused.headers


def _skips_companies(company: Company) -> bool:
    chosen = company
    while CompanyLock().key(uuid.UUID(chosen.id)) > 0:
        chosen = company.service.company()
    _job(chosen, "reminder", {"action_id": str(uuid.uuid4())})
    _after_some_passes(company)
    return bool(chosen.rows("job_queue")[0]["attempts"] == 0)


def _after_some_passes(company: Company) -> None:
    """Return when one of the two schedulers has made a whole pass."""
    runs = company.service.ask("GET", "/scheduler/status")["tasks"]["scheduler"]["runs"]
    wait_until(lambda: company.service.ask("GET", "/scheduler/status")["tasks"]["scheduler"]["runs"] > runs + 2)


def _first_is_sent(company: Company) -> bool:
    return any(row["state"] == "sent" for row in company.rows("recovery_actions"))


def _is_never_worked_on(company: Company) -> bool:
    company.send(company.event())
    _after_some_passes(company)
    return not _first_is_sent(company)


def _works_on_all(company: Company) -> bool:
    return int(company.service.ask("POST", "/scheduler/run", json={"company": company.id})["companies"]) > 1


def _offsets(company: Company) -> set[int]:
    company.send(company.event())
    return {row["offset_days"] for row in company.rows("recovery_actions")}


def _has_no_job(company: Company) -> bool:
    company.send(company.event())
    return company.rows("job_queue") == []


def _fails_each(company: Company) -> bool:
    company.send(company.event())
    wait_until(lambda: any(row["state"] != "active" and row["attempts"] for row in company.rows("job_queue")))
    return any(row["last_error"] for row in company.rows("job_queue"))


def _job(company: Company, kind: str, payload: object = None) -> None:
    company.service.change(
        "INSERT INTO job_queue (company_id, kind, payload) VALUES (%s, %s, %s)", company.id, kind, Jsonb(payload or {})
    )


def _action(company: Company) -> str:
    """A reminder without a job."""
    number = next(company.service.numbers)
    (row,) = company.service.query(
        "WITH opened AS (INSERT INTO recovery_cases (company_id, person_ref) VALUES (%s, %s) RETURNING id) "
        "INSERT INTO recovery_actions (company_id, case_id, kind, offset_days, scheduled_for) "
        "SELECT %s, id, 'reminder', 0, now() FROM opened RETURNING id::text",
        company.id,
        f"p{number}",
        company.id,
    )
    return str(row["id"])


def _has_a_long_lease(company: Company) -> bool:
    """The lease is read while the job waits for a row that the test holds."""
    action = _action(company)
    with psycopg.connect(company.service.state["database_url"]) as connection:
        connection.execute("SELECT FROM recovery_actions WHERE id = %s FOR UPDATE", (action,))
        _job(company, "reminder", {"action_id": action})
        wait_until(lambda: company.rows("job_queue")[0]["state"] == "active")
        (lease,) = company.service.query(
            "SELECT extract(epoch FROM lease_until - now()) AS seconds FROM job_queue WHERE company_id = %s", company.id
        )
    return bool(lease["seconds"] > 60)


def _is_tried_for_ever(company: Company) -> bool:
    _job(company, "unheard-of")
    for _ in range(3):
        company.service.change("UPDATE job_queue SET run_at = created_at WHERE company_id = %s", company.id)
        wait_until(lambda: _was_tried(company.rows("job_queue")[0]))
    return _is_still_waiting(company)


def _was_tried(job: dict[str, Any]) -> bool:
    return bool(job["state"] == "failed" or (job["state"] == "waiting" and job["run_at"] > job["created_at"]))


def _is_still_waiting(company: Company) -> bool:
    """Whether the company's job waits; it is removed, because it would trouble the tests that follow."""
    state = company.rows("job_queue")[0]["state"]
    company.service.change("DELETE FROM job_queue WHERE company_id = %s", company.id)
    return bool(state == "waiting")


def _stops_the_others(company: Company) -> bool:
    action = _action(company)
    _job(company, "unheard-of")
    _job(company, "reminder", {"action_id": action})
    _after_some_passes(company)
    is_sent = _first_is_sent(company)
    company.service.change("DELETE FROM job_queue WHERE company_id = %s AND kind = 'unheard-of'", company.id)
    return not is_sent


def _is_done_twice(company: Company) -> bool:
    for _ in range(5):
        _job(company, "reminder", {"action_id": _action(company)})
    with ThreadPoolExecutor(3) as callers:
        list(callers.map(lambda _: company.service.ask("POST", "/scheduler/run"), range(3)))
    wait_until(lambda: {row["state"] for row in company.rows("job_queue")} == {"done"})
    return any(row["attempts"] > 1 for row in company.rows("job_queue"))


def _ages_kept(company: Company) -> tuple[list[str], list[str]]:
    """The ages in days of the events that the retention keeps, and of those whose payload it keeps in both forms."""
    for days in (29, 30, 31, 59, 60, 61):
        company.service.change(_OLD, company=company.id, name=str(days), days=days)
    company.service.ask("POST", "/jobs/retention")
    rows = sorted(company.rows("events"), key=lambda row: str(row["external_id"]))
    whole = [row["external_id"] for row in rows if row["payload_encrypted"] and row["payload"]]
    return [row["external_id"] for row in rows], whole


def _keeps_a_half(company: Company) -> bool:
    _ages_kept(company)
    return any(bool(row["payload_encrypted"]) != bool(row["payload"]) for row in company.rows("events"))


def _leaves_the_case(company: Company) -> bool:
    company.send(company.event(person="gone@people.example"))
    body = {"company": company.id, "person": "gone@people.example"}
    company.service.ask("POST", "/privacy/deletions", json=body)
    assert company.rows("events") == []
    return company.rows("recovery_cases") != []


def _lets_strangers(method: str, path: str) -> Callable[[Company], bool]:
    return lambda company: company.service.client.request(method, path).status_code == 200


def _is_healthy_without_schedulers(company: Company) -> bool:
    service = company.service
    service.control.stop("scheduler")
    try:
        service.change("UPDATE queue.schedules SET last_finished_at = now() - interval '1 minute'")
        told = service.client.get("/health").json()["status"], service.ask("GET", "/scheduler/status")["status"]
    finally:
        service.control.start("scheduler")
    return told == ("ok", "ok")


def _logs_no_refusal(company: Company) -> bool:
    company.send(company.event(), {"X-Signature": "v1=00", "X-Timestamp": str(_now())})
    return company.service.logged(event="security", company=company.id) == []


def _logs_no_error(company: Company) -> bool:
    """A job that fails for the last time is an error."""
    _job(company, "unheard-of")
    company.service.change("UPDATE job_queue SET max_attempts = 1 WHERE company_id = %s", company.id)
    wait_until(lambda: company.rows("job_queue")[0]["state"] == "failed")
    _after_some_passes(company)
    return company.service.logged(event="job_failed", company=company.id, final=True) == []


SHOWS: dict[str, Callable[[Company], bool]] = {
    "any-signature": _accepts(lambda _c, _b: {"X-Signature": "v1=" + "0" * 64, "X-Timestamp": str(_now())}),
    "no-signature": _accepts(lambda _c, _b: {"X-Timestamp": str(_now())}),
    "other-algorithm": _accepts(_weak),
    "dead-window": _accepts(lambda company, body: signed(company.secret, body, _now() - 4000)),
    "future-accepted": _accepts(lambda company, body: signed(company.secret, body, _now() + 4000)),
    "timestamp-optional": _accepts(_bare),
    "renewable-timestamp": _accepts(_restamped),
    "odd-shape-accepted": lambda company: company.send(b"[1]", {"X-Timestamp": "1"}).status_code == 202,
    "unknown-type-accepted": _status(lambda company: company.event(kind="unheard-of"), 202),
    "no-size-limit": _status(lambda company: company.event(filler="x" * 70_000), 202),
    "errors-are-200": lambda company: company.send(b"{}", {"X-Timestamp": "1"}).status_code == 200,
    "loses-events": _is_lost,
    "duplicates-fail": lambda company: 500 in _at_once(company),
    "two-effects": _is_stored_twice,
    "no-recovery-case": _opens_no_case,
    "plain-payload": _canary_in("events"),
    "personal-jobs": _canary_in("job_queue"),
    "personal-logs": _canary_in_logs,
    "limit-too-low": lambda company: _accepted(company) < _LIMIT,
    "no-limit": lambda company: _accepted(company) > _LIMIT,
    "limit-for-everybody": _stops_others,
    "limit-before-signature": _is_used_up_by_strangers,
    "no-retry-after": _says_no_time,
    "unsigned-lock": _skips_companies,
    "never-fires": _is_never_worked_on,
    "ignores-the-company": _works_on_all,
    "wrong-offsets": lambda company: _offsets(company) == {0, 1, 3},
    "job-not-sent": _has_no_job,
    "handlers-expect-lists": _fails_each,
    "long-lease": _has_a_long_lease,
    "attempts-not-counted": _is_tried_for_ever,
    "poison-blocks": _stops_the_others,
    "done-twice": _is_done_twice,
    "purges-half": _keeps_a_half,
    "boundary-too-early": lambda company: _ages_kept(company) == (["29", "30", "31", "59"], ["29"]),
    "boundary-too-late": lambda company: (
        _ages_kept(company) == (["29", "30", "31", "59", "60", "61"], ["29", "30", "31"])
    ),
    "keeps-old-events": lambda company: _ages_kept(company) == (["29", "30", "31", "59", "60", "61"], ["29", "30"]),
    "forgets-half-of-a-person": _leaves_the_case,
    "open-retention": _lets_strangers("POST", "/jobs/retention"),
    "open-scheduler": _lets_strangers("GET", "/scheduler/status"),
    "always-healthy": _is_healthy_without_schedulers,
    "no-security-events": _logs_no_refusal,
    "errors-not-logged": _logs_no_error,
}


def test_every_defect_is_tried() -> None:
    assert list(SHOWS) == list(DEFECTS)


@pytest.mark.parametrize("name", DEFECTS)
def test_the_defect_shows_while_it_is_planted(lawless: WebhookService, plant: Callable[[str], None], name: str) -> None:
    assert not SHOWS[name](lawless.company()), "it shows without being planted"
    plant(name)
    assert SHOWS[name](lawless.company())
