"""What is taken away, and what happens meanwhile."""

import threading
import time

import httpx
import psutil
import pytest

from pytest_examday.local_servers.control import ControlError
from tests.platform.platform_harness import Platform
from tests.waiting import wait_until


def test_without_redis_the_exam_goes_on(platform: Platform) -> None:
    platform.control.kill("redis")
    try:
        started = time.monotonic()
        candidate = platform.candidate()
        session = candidate.create()
        codes = [
            candidate.answer(session).status_code,
            candidate.view(session).status_code,
            candidate.submit(session).status_code,
            candidate.client.post(
                "/v1/auth/refresh", json={"refresh_token": candidate.tokens["refresh_token"]}
            ).status_code,
        ]
        body = {"email": "unlimited@exam.example", "password": "wrong"}
        logins = {candidate.client.post("/v1/auth/login", json=body).status_code for _ in range(12)}
        elapsed = time.monotonic() - started
        ready = platform.client().get("/v1/ready")
    finally:
        platform.control.start("redis")
    assert codes == [200] * 4
    assert logins == {401}
    assert elapsed < 3
    assert (ready.status_code, ready.json()["status"], ready.json()["redis"]) == (200, "degraded", "down")
    assert any("op" in item for item in platform.events("redis_unavailable"))
    wait_until(lambda: any(platform.events("redis_recovered")))
    wait_until(lambda: platform.client().get("/v1/ready").json()["status"] == "ready")
    assert platform.metric("examday_redis_errors_total") > 0
    assert platform.metric("examday_redis_reconnects_total") > 0


def test_warnings_about_redis_do_not_drown_the_log(platform: Platform) -> None:
    before = len(list(platform.events("redis_unavailable")))
    platform.control.stop("redis")
    candidate = platform.candidate()
    started = time.monotonic()
    while time.monotonic() - started < 1.5:
        candidate.client.get("/v1/sessions")
    seconds = time.monotonic() - started
    platform.control.start("redis")
    wait_until(lambda: platform.client().get("/v1/ready").json()["status"] == "ready")
    warnings = len(list(platform.events("redis_unavailable"))) - before
    assert 1 <= warnings <= 2 * (seconds + 2)


def test_an_acknowledged_answer_survives_the_kill_of_every_worker(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    saved = candidate.answer(session, choice="C").status_code
    platform.control.kill("backend")
    assert platform.control.status()["workers"] == {"worker-1": None, "worker-2": None}
    with pytest.raises(httpx.ConnectError):
        platform.client().get("/health")
    platform.control.start("backend")
    assert saved == 200
    assert candidate.view(session).json()["answers"][0]["choice"] == "C"


def test_a_killed_worker_leaves_the_other_serving_until_it_is_back(platform: Platform) -> None:
    platform.control.kill("worker-1")
    answers = [platform.client().get("/v1/ready").json()["worker"] for _ in range(10)]
    assert set(answers) == {"worker-2"}
    assert platform.control.status()["workers"]["worker-1"] is None
    assert platform.metric("examday_db_pool_max") == 10
    platform.control.start("worker-1")
    wait_until(lambda: platform.client().get("/v1/ready").json()["worker"] == "worker-1")


def test_stopping_and_starting_twice_does_nothing_more(platform: Platform) -> None:
    platform.control.stop("worker-2")
    platform.control.stop("worker-2")
    platform.control.start("worker-2")
    pid = platform.control.status()["workers"]["worker-2"]
    platform.control.start("worker-2")
    assert platform.control.status()["workers"]["worker-2"] == pid


def test_a_graceful_restart_finishes_what_is_under_way(relaxed: Platform) -> None:
    candidate = relaxed.candidate()
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(candidate.client.get("/v1/sessions").status_code))
    waiting.start()
    wait_until(lambda: relaxed.metric("examday_db_pool_in_use") == 1)
    relaxed.control.restart("worker-1")
    waiting.join()
    assert codes == [200]


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_the_workers_recover_after_the_database_was_away(platform: Platform, ending: str) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    candidate.answer(session, choice="E")
    getattr(platform.control, ending)("postgres")
    started = time.monotonic()
    ready = platform.client().get("/v1/ready")
    waited = time.monotonic() - started
    alive = platform.client().get("/health").status_code
    platform.control.start("postgres")
    assert (ready.status_code, ready.json()["status"], ready.json()["database"]) == (503, "down", "down")
    assert waited < 5
    assert alive == 200
    wait_until(lambda: platform.client().get("/v1/ready").status_code == 200)
    assert candidate.view(session).json()["answers"][0]["choice"] == "E"
    assert {candidate.answer(session, 1, "A", number).status_code for number in range(1, 12)} == {200}


def test_an_unknown_service_is_refused_with_the_valid_names(platform: Platform) -> None:
    with pytest.raises(ControlError, match="postgres, redis, worker-1, worker-2, backend"):
        platform.control.stop("nginx")


def test_readiness_answers_in_time_even_when_the_database_hangs(platform: Platform) -> None:
    postgres = psutil.Process(platform.control.status()["services"]["postgres"])
    frozen = [postgres, *postgres.children(recursive=True)]
    for process in frozen:
        process.suspend()
    try:
        started = time.monotonic()
        ready = platform.client().get("/v1/ready")
        waited = time.monotonic() - started
    finally:
        for process in frozen:
            process.resume()
    assert (ready.status_code, ready.json()["database"]) == (503, "down")
    assert waited < 5
    wait_until(lambda: platform.client().get("/v1/ready").status_code == 200)
