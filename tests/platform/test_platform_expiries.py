"""All access tokens ended at once by the job `expire_tokens`."""

import json
from typing import Any

import httpx

from tests.platform.platform_harness import Platform

_OFTEN = 12
"""Fresh connections, so that every worker is asked."""


def _expire(platform: Platform) -> None:
    ran = platform.control.run_job("expire_tokens")
    assert (ran["exit_status"], json.loads(ran["output"])["outcome"]) == (0, "done")


def _asked(platform: Platform, tokens: dict[str, Any]) -> set[tuple[int, str]]:
    """Status and detail of the answers that fresh connections get."""
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "Connection": "close"}
    answers = [httpx.get(f"{platform.state['api_url']}/v1/sessions", headers=headers) for _ in range(_OFTEN)]
    return {(item.status_code, item.json()["detail"] if item.is_error else "") for item in answers}


def _refresh(platform: Platform, tokens: dict[str, Any]) -> dict[str, Any]:
    body = {"refresh_token": tokens["refresh_token"]}
    answer = httpx.post(f"{platform.state['api_url']}/v1/auth/refresh", json=body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_every_access_token_ends_at_every_worker_and_refresh_tokens_go_on(platform: Platform) -> None:
    first, second = platform.candidate(), platform.candidate()
    assert _asked(platform, first.tokens) == {(200, "")}
    _expire(platform)
    assert _asked(platform, first.tokens) == _asked(platform, second.tokens) == {(401, "token expired")}
    assert _asked(platform, _refresh(platform, first.tokens)) == {(200, "")}


def test_a_token_of_the_same_second_is_good_if_it_was_issued_afterwards(platform: Platform) -> None:
    """The act is a row, so that a test can do it and issue a token within milliseconds."""
    before = platform.candidate()
    platform.tamper("INSERT INTO job_runs (name, outcome) VALUES ('expire_tokens', 'done')")
    after = _refresh(platform, before.tokens)
    assert _asked(platform, after) == {(200, "")}
    _expire(platform)
    assert _asked(platform, after) == {(401, "token expired")}


def test_a_worker_that_was_started_again_still_refuses_them(platform: Platform) -> None:
    candidate = platform.candidate()
    _expire(platform)
    platform.control.restart("backend")
    assert _asked(platform, candidate.tokens) == {(401, "token expired")}
    assert _asked(platform, _refresh(platform, candidate.tokens)) == {(200, "")}


def test_tokens_stay_ended_when_redis_is_emptied_and_the_database_was_away(platform: Platform) -> None:
    candidate = platform.candidate()
    _expire(platform)
    platform.control.restart("redis")
    platform.control.restart("postgres")
    refreshed = _refresh(platform, candidate.tokens)
    assert _asked(platform, candidate.tokens) == {(401, "token expired")}
    _expire(platform)
    assert _asked(platform, refreshed) == {(401, "token expired")}, "workers ask again after a restart of the database"
