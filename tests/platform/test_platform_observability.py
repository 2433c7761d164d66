"""What operators see: ids, logs, metrics."""

import threading

import httpx
import pytest

from tests.platform.platform_harness import Platform
from tests.waiting import wait_until

LOG_FIELDS = {
    "ts",
    "level",
    "event",
    "worker",
    "request_id",
    "method",
    "route",
    "path",
    "status",
    "total_ms",
    "db_ms",
    "user_id",
}


def test_a_sane_request_id_is_kept_and_another_replaced(platform: Platform) -> None:
    client = platform.client()
    kept = client.get("/health", headers={"X-Request-ID": "trace-1.A_b"})
    assert kept.headers["X-Request-ID"] == "trace-1.A_b"
    for bad in ("with space", "x" * 129, ""):
        answer = client.get("/nowhere", headers={"X-Request-ID": bad})
        assert answer.status_code == 404
        assert len(answer.headers["X-Request-ID"]) == 32


def test_a_request_leaves_one_complete_log_line(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    candidate.client.headers["X-Request-ID"] = "logged-answer"
    candidate.answer(session)
    entry = platform.logged("request", "logged-answer")
    assert entry.keys() == LOG_FIELDS
    assert entry["route"] == "/v1/sessions/{session_id}/answers"
    assert entry["user_id"] == candidate.tokens["user_id"]
    assert 0 < entry["db_ms"] < entry["total_ms"]
    stored = "SELECT request_id FROM attempt_events WHERE session_id = %s AND kind = 'ANSWER'"
    assert platform.query(stored, session["session_id"]) == [("logged-answer",)]


def test_no_secret_reaches_a_log(platform: Platform) -> None:
    candidate = platform.candidate()
    text = "".join(path.read_text() for path in (platform.directory / "logs").iterdir())
    secrets = [
        candidate.tokens["access_token"],
        candidate.tokens["refresh_token"],
        platform.state["candidates"]["password"],
        platform.state["redis_url"].split(":")[2].split("@")[0],
        platform.state["admin_database_url"].split(":")[2].split("@")[0],
    ]
    assert [secret for secret in secrets if secret in text] == []


def test_an_unhandled_error_is_traceable_and_says_nothing_to_the_client(relaxed: Platform) -> None:
    candidate = relaxed.candidate()
    session = candidate.create()
    answer = candidate.client.get(f"/v1/sessions/{session['session_id']}/review")
    assert answer.status_code == 500
    request_id = answer.headers["X-Request-ID"]
    assert answer.json() == {"detail": "internal error", "request_id": request_id}
    entry = relaxed.logged("request", request_id)
    assert (entry["status"], entry["level"]) == (500, "ERROR")
    assert "the review is broken" in entry["traceback"]
    route = "/v1/sessions/{session_id}/review"
    assert relaxed.metric("examday_requests_total", route=route, status="500") == 1


def test_slow_statements_are_logged_without_their_values(relaxed: Platform) -> None:
    candidate = relaxed.candidate()
    candidate.client.get("/v1/sessions", headers={"X-Request-ID": "slow-list"})
    entry = relaxed.logged("slow_sql", "slow-list")
    assert entry["ms"] >= 1000
    assert entry["statement"].startswith("SELECT pg_sleep")
    assert candidate.tokens["user_id"] not in entry["statement"]


def test_an_exhausted_pool_is_a_503_after_a_bounded_wait(relaxed: Platform) -> None:
    candidate = relaxed.candidate()
    holder = threading.Thread(target=candidate.client.get, args=("/v1/sessions",))
    holder.start()
    wait_until(lambda: relaxed.metric("examday_db_pool_in_use") == 1)
    refused = candidate.client.get("/v1/sessions")
    holder.join()
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    assert "X-Request-ID" in refused.headers


def test_a_request_that_the_client_gave_up_is_logged_as_aborted(relaxed: Platform) -> None:
    candidate = relaxed.candidate()
    headers = {"X-Request-ID": "given-up"}
    with pytest.raises(httpx.ReadTimeout):
        candidate.client.get("/v1/sessions", headers=headers, timeout=0.3)
    entry = relaxed.logged("request", "given-up")
    assert entry["aborted"] is True


def test_a_body_that_is_too_large_is_refused(platform: Platform) -> None:
    answer = platform.client().post("/v1/auth/login", content=b"x" * 1_100_000)
    assert answer.status_code == 413
    assert "X-Request-ID" in answer.headers

    def pieces() -> list[bytes]:
        return [b"x" * 100_000] * 11

    assert platform.client().post("/v1/auth/login", content=iter(pieces())).status_code == 413


def test_metrics_are_those_of_all_workers(platform: Platform) -> None:
    before = platform.metric("examday_requests_total", route="/health")
    workers = set()
    for _ in range(30):
        client = platform.client()
        client.get("/health")
        workers.add(client.get("/v1/ready").json()["worker"])
    assert workers == {"worker-1", "worker-2"}
    assert platform.metric("examday_requests_total", route="/health") == before + 30
    assert platform.metric("examday_db_pool_max") == 20
    assert platform.metric("examday_db_pool_limit_per_worker") == 10
    assert 1 <= platform.metric("examday_db_pool_in_use_peak") <= 10
    assert platform.metric("examday_request_seconds_count", route="/health") == before + 30
