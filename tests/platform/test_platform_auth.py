"""Log-in, rotation, log-out."""

import httpx

from tests.platform.platform_harness import Platform


def _refresh(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/v1/auth/refresh", json={"refresh_token": token})


def test_wrong_credentials_and_missing_tokens_are_refused(platform: Platform) -> None:
    client = platform.client()
    body = {"email": platform.state["admin"]["email"], "password": "wrong"}
    assert client.post("/v1/auth/login", json=body).status_code == 401
    assert client.post("/v1/auth/login", json={**body, "email": "nobody@exam.example"}).status_code == 401
    assert client.get("/v1/sessions").status_code == 401
    assert client.get("/v1/sessions", headers={"Authorization": "Bearer forged"}).status_code == 401


def test_a_refresh_token_works_once_and_its_reuse_ends_the_family(platform: Platform) -> None:
    candidate = platform.candidate()
    first = candidate.tokens["refresh_token"]
    second = _refresh(candidate.client, first)
    assert second.status_code == 200
    assert second.json().keys() == candidate.tokens.keys()
    assert _refresh(candidate.client, first).status_code == 401
    assert _refresh(candidate.client, second.json()["refresh_token"]).status_code == 401


def test_refresh_tokens_are_stored_as_hashes(platform: Platform) -> None:
    token = platform.candidate().tokens["refresh_token"]
    rows = "SELECT count(*) FROM refresh_tokens WHERE refresh_tokens::text LIKE %s"
    assert platform.query(rows, f"%{token}%") == [(0,)]


def test_logout_ends_the_tokens_and_keeps_the_attempt(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    candidate.answer(session, choice="D")
    assert candidate.client.post("/v1/auth/logout").status_code == 204
    assert candidate.view(session).status_code == 401
    assert _refresh(candidate.client, candidate.tokens["refresh_token"]).status_code == 401
    again = platform.login(candidate.email, platform.state["candidates"]["password"])
    assert again.view(session).json()["answers"][0]["choice"] == "D"


def test_too_many_logins_for_one_email_are_put_off(platform: Platform) -> None:
    client = platform.client()
    body = {"email": "hammered@exam.example", "password": "wrong"}
    # The count may start anew once, when a minute ends in between.
    answers = [client.post("/v1/auth/login", json=body) for _ in range(21)]
    refused = [item for item in answers if item.status_code == 429]
    assert refused
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60


def test_a_refused_body_is_not_repeated_to_the_client(platform: Platform) -> None:
    answer = platform.client().post("/v1/auth/login", json={"email": 5, "password": "hunter2"})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text
