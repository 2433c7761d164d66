"""What a request must bring, and how one that does not is refused."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.platform.platform_harness import Candidate, Platform

JSON = {"Content-Type": "application/json"}
_NOWHERE = "00000000-0000-0000-0000-0000000000ff"
"""No session has this id; it is the same in every process that collects the tests."""


@pytest.fixture(scope="module")
def candidate(platform: Platform) -> Candidate:
    return platform.candidate()


def _problems(answer: httpx.Response) -> list[tuple[list[str], str]]:
    """Place and kind of each problem that the answer tells; the answer must tell nothing else."""
    assert answer.status_code == 422
    found: list[dict[str, Any]] = answer.json()["detail"]
    assert all(item.keys() == {"loc", "msg", "type"} for item in found)
    return [(item["loc"], item["type"]) for item in found]


def test_a_malformed_id_in_the_path_is_refused(candidate: Candidate) -> None:
    for answer in (candidate.client.get("/v1/sessions/none"), candidate.client.post("/v1/sessions/none/submit")):
        assert _problems(answer) == [(["path", "session_id"], "uuid_parsing")]


@pytest.mark.parametrize(("key", "kind"), [("", "string_too_short"), ("k" * 201, "string_too_long")])
def test_an_idempotency_key_has_1_to_200_characters(candidate: Candidate, key: str, kind: str) -> None:
    answer = candidate.client.post("/v1/sessions", headers={"Idempotency-Key": key})
    assert _problems(answer) == [(["header", "idempotency-key"], kind)]


@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/auth/refresh", f"/v1/sessions/{_NOWHERE}/answers"])
def test_a_missing_body_is_refused_where_one_is_required(candidate: Candidate, path: str) -> None:
    assert _problems(candidate.client.post(path)) == [(["body"], "missing")]


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ('{"email": "a@exam.example"', [(["body"], "json_invalid")]),
        ('["a@exam.example"]', [(["body"], "model_type")]),
        ('{"email": 5}', [(["body", "email"], "string_type"), (["body", "password"], "missing")]),
    ],
)
def test_every_problem_of_a_body_is_told_with_its_place(
    candidate: Candidate, body: str, problems: list[tuple[list[str], str]]
) -> None:
    assert _problems(candidate.client.post("/v1/auth/login", content=body, headers=JSON)) == problems


def test_a_body_that_does_not_call_itself_json_is_refused(candidate: Candidate) -> None:
    answer = candidate.client.post("/v1/auth/login", content="{}", headers={"Content-Type": "text/plain"})
    assert _problems(answer) == [(["body"], "content_type")]


@pytest.mark.parametrize("body", ["", "null", "{}"])
def test_the_body_of_a_new_exam_is_optional(candidate: Candidate, body: str) -> None:
    answer = candidate.client.post("/v1/sessions", content=body, headers={**JSON, "Idempotency-Key": str(uuid4())})
    assert (answer.status_code, answer.json()["question_count"]) == (201, 20)


def test_a_caller_without_permission_is_refused_before_the_body_is_read(
    platform: Platform, candidate: Candidate
) -> None:
    path = "/v1/admin/notifications/broadcast"
    unknown = platform.client().post(path, content="{", headers=JSON)
    assert (unknown.status_code, unknown.json()) == (401, {"detail": "not authenticated"})
    assert unknown.headers["WWW-Authenticate"] == "Bearer"
    known = candidate.client.post(path, content="{", headers=JSON)
    assert (known.status_code, known.json()) == (403, {"detail": "admin only"})


def test_questions_that_cannot_be_imported_are_told_one_by_one(relaxed: Platform) -> None:
    good = {"stem": "?", "choices": {"A": "1", "B": "2"}, "correct_choice": "A"}
    body = {"questions": [good, {**good, "correct_choice": "C"}]}
    answer = relaxed.admin().client.post("/v1/admin/import/questions", json=body)
    problems = [{"index": 1, "problem": "the correct choice is not among the choices"}]
    assert (answer.status_code, answer.json()) == (422, {"detail": problems})


@pytest.mark.parametrize(
    ("method", "path", "status", "told", "route"),
    [
        ("GET", "/v1/nothing", 404, "Not Found", "unmatched"),
        ("DELETE", f"/v1/sessions/{_NOWHERE}", 405, "Method Not Allowed", "/v1/sessions/{session_id}"),
        ("GET", "/static/secret", 404, "no such file", "/static/{name}"),
    ],
)
def test_a_wrong_address_is_answered_in_json_and_logged_by_its_route(
    platform: Platform, method: str, path: str, status: int, told: str, route: str
) -> None:
    request_id = uuid4().hex
    answer = platform.client().request(method, path, headers={"X-Request-ID": request_id})
    assert (answer.status_code, answer.json()) == (status, {"detail": told})
    assert platform.logged("request", request_id)["route"] == route


def test_a_path_that_is_read_answers_get_and_head_alone(platform: Platform) -> None:
    client = platform.client()
    assert set(client.post("/health").headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert (client.head("/health").status_code, client.head("/health").content) == (200, b"")
