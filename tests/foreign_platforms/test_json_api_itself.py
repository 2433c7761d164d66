"""The foreign platform with a JSON API works as an exam platform, before anything is rehearsed on it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute

from tests.foreign_platforms.json_api import accounts, app, exams
from tests.foreign_platforms.started import service, started
from tests.waiting import wait_until

State = dict[str, Any]


def _sent(**attributes: object) -> dict[str, object]:
    return {"data": {"attributes": attributes}}


def _told(response: httpx.Response) -> Any:
    return response.json()["data"]["attributes"]


def _log_in(client: httpx.Client, mail: str) -> httpx.Response:
    response = client.post("/api/auth/token", json=_sent(mail=mail, word="let-me-in"))
    client.headers["Authorization"] = f"Bearer {_told(response)['access']}"
    return response


@pytest.fixture
def client(json_api: State) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=json_api["api"], timeout=30) as client:
        _log_in(client, "p1@exams.example")
        yield client


def test_its_readme_names_every_request() -> None:
    pages = Path(__file__).with_name("json_api").joinpath("README.md").read_text()
    routers = (app.router, app.admin, accounts.router, exams.router)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    requests = [f"{method} {route.path.removeprefix('/api')}" for route in routes for method in route.methods or ()]
    assert len(requests) > 12
    assert [request for request in requests if f"`{request}`" not in pages] == []


def _open(client: httpx.Client, size: int = 4, **attributes: object) -> str:
    response = client.post("/api/exams", json=_sent(size=size, **attributes))
    assert response.status_code == 201
    return f"/api/exams/{response.json()['data']['id']}"


def test_exam_is_read_answered_finished_and_scored(client: httpx.Client, json_api: State) -> None:
    exam = _open(client)
    assert [item["pick"] for item in _told(client.get(exam))["items"]] == [None] * 4
    for n in (1, 2, 3):
        assert client.put(f"{exam}/items/{n}", json=_sent(pick=n)).status_code == 204
    assert client.put(f"{exam}/items/2", json=_sent(pick=0)).status_code == 204
    assert [item["pick"] for item in _told(client.get(exam))["items"]] == [1, 0, 3, None]

    first = client.post(f"{exam}/finish", headers={"X-Once": "one"})
    again = client.post(f"{exam}/finish", headers={"X-Once": "one"})
    result = _told(client.get(f"{exam}/result"))

    assert first.status_code == 200
    assert first.json() == again.json()
    assert _told(first)["state"] == "closed"
    assert result["points"] == sum(item["pick"] == item["truth"] for item in result["items"])
    assert result["points"] == _told(first)["points"]
    with psycopg.connect(json_api["database"]) as connection:
        trail = connection.execute("SELECT what FROM trail WHERE paper_id::text = %s ORDER BY id", [exam[11:]])
        assert [what for (what,) in trail] == [1, 2, 2, 2, 2, 3]


REFUSED: dict[str, Callable[[httpx.Client], tuple[httpx.Response, int, str]]] = {
    "an answer after the finish": lambda client: (
        client.put(f"{_finished(client)}/items/1", json=_sent(pick=1)),
        409,
        "closed",
    ),
    "a finish with another key": lambda client: (
        client.post(f"{_finished(client)}/finish", headers={"X-Once": "two"}),
        409,
        "closed",
    ),
    "the result of an open exam": lambda client: (client.get(f"{_open(client)}/result"), 409, "open"),
    "an unknown item": lambda client: (client.put(f"{_open(client)}/items/5", json=_sent(pick=1)), 404, "unknown_item"),
    "the exam of another": lambda client: (_read_by_another(client), 404, "unknown_exam"),
    "a wrong password": lambda client: (
        client.post("/api/auth/token", json=_sent(mail="p1@exams.example", word="guess")),
        401,
        "credentials",
    ),
    "a candidate as administrator": lambda client: (client.get("/api/admin/overview"), 403, "admin_only"),
}


def _finished(client: httpx.Client) -> str:
    exam = _open(client)
    client.post(f"{exam}/finish", headers={"X-Once": "one"}).raise_for_status()
    return exam


def _read_by_another(client: httpx.Client) -> httpx.Response:
    exam = _open(client)
    _log_in(client, "p2@exams.example")
    return client.get(exam)


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_have_a_status_and_a_code(client: httpx.Client, what: str) -> None:
    response, status, code = REFUSED[what](client)
    assert (response.status_code, response.json()) == (status, {"errors": [{"code": code}]})


def test_one_key_opens_one_exam(client: httpx.Client) -> None:
    first, again = (client.post("/api/exams", json=_sent(size=4), headers={"X-Once": "o"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_answer_after_the_end_is_refused(client: httpx.Client) -> None:
    exam = _open(client, lasts_s=1)
    wait_until(lambda: client.put(f"{exam}/items/1", json=_sent(pick=1)).status_code == 409)
    assert client.post(f"{exam}/finish").status_code == 200


def test_renewal_rotates_and_logout_ends_the_family(client: httpx.Client) -> None:
    tokens = _told(_log_in(client, "p3@exams.example"))
    assert tokens["good_for_s"] == 60
    renewed = client.post("/api/auth/renew", json=_sent(renewal=tokens["renewal"]))
    assert renewed.status_code == 200
    assert client.post("/api/auth/renew", json=_sent(renewal=tokens["renewal"])).status_code == 401
    assert client.delete("/api/auth/token").status_code == 204
    assert client.post("/api/auth/renew", json=_sent(renewal=_told(renewed)["renewal"])).status_code == 401


def test_exam_mode_reaches_the_other_worker_within_its_cache(client: httpx.Client, json_api: State) -> None:
    _log_in(client, "boss@exams.example")
    worker_a, worker_b = json_api["workers"].values()
    assert client.post("/api/admin/chores/recount").status_code == 423
    for enabled, chore in ((False, 201), (True, 423)):
        client.put(f"{worker_a}/api/admin/exam-mode", json=_sent(enabled=enabled)).raise_for_status()
        wait_until(lambda: _told(client.get(f"{worker_b}/api/admin/exam-mode")) == {"enabled": enabled})  # noqa: B023
        assert client.post(f"{worker_b}/api/admin/chores/recount").status_code == chore


def test_each_service_can_be_killed_and_started(client: httpx.Client, json_api: State) -> None:
    worker_a = json_api["workers"]["worker-a"]
    assert service("kill", "worker-a", json_api) == 0
    assert service("status", "worker-a", json_api) == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{worker_a}/api/ping")
    with httpx.Client(base_url=json_api["api"]) as fresh:
        assert fresh.get("/api/ping").status_code == 200
    for name, told in (("redis", {"cache": False}), ("database", {"database": False, "state": "down"})):
        assert service("kill", name, json_api) == 0
        status = httpx.get(f"{json_api['workers']['worker-b']}/api/status")
        assert status.status_code == 200
        assert _told(status).items() >= told.items()
    for name in ("database", "redis", "worker-a"):
        assert service("start", name, json_api) == 0
        assert service("status", name, json_api) == 0
    up = {"state": "up", "database": True, "cache": True}
    for address in json_api["workers"].values():
        wait_until(lambda: _told(httpx.get(f"{address}/api/status", timeout=30)) == up)  # noqa: B023
    assert json.loads(Path(json_api["file"]).read_text())["pids"]["worker-a"] != json_api["pids"]["worker-a"]


def test_log_mixes_lines_of_json_with_tracebacks(client: httpx.Client, json_api: State) -> None:
    client.get("/api/exams/00000000-0000-0000-0000-000000000000", headers={"X-Correlation": "find-me"})
    logs = [Path(json_api["logs"][name]) for name in json_api["workers"]]
    wait_until(lambda: any("find-me" in log.read_text() for log in logs))
    text = "".join(log.read_text() for log in logs)
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    (found,) = (line for line in lines if line.get("req") == "find-me")
    assert found["path"] == "/api/exams/{exam_id}"
    assert (found["code"], found["verb"]) == (404, "GET")
    assert "Traceback (most recent call last):\n  File" in text


def test_planted_defects_show(tmp_path: Path) -> None:
    defects = (
        "lost-answers",
        "second-finish-event",
        "others-read",
        "late-answers",
        "worker-without-exam-mode",
        "points-too-high",
        "lines-without-id",
    )
    options = [part for name in defects for part in ("--defect", name)]
    with (
        started("json_api", tmp_path / "platform", "--people", "2", "--exam-mode", *options) as state,
        httpx.Client(base_url=state["workers"]["worker-a"], timeout=30) as client,
    ):
        _log_in(client, "p1@exams.example")
        exam = _open(client, 20)
        replies = [client.put(f"{exam}/items/{n}", json=_sent(pick=0)) for n in range(1, 21)]
        assert {response.status_code for response in replies} == {204}
        late = {n for n, response in enumerate(replies, 1) if response.elapsed.total_seconds() >= 0.6}
        assert {10, 20} <= late
        assert [item["n"] for item in _told(client.get(exam))["items"] if item["pick"] is None] == [20]
        client.post(f"{exam}/finish").raise_for_status()
        result = _told(client.get(f"{exam}/result"))
        assert result["points"] == 1 + sum(item["pick"] == item["truth"] for item in result["items"])
        with psycopg.connect(state["database"]) as connection:
            assert connection.execute("SELECT count(*) FROM trail WHERE what = 3").fetchone() == (2,)
        _log_in(client, "p2@exams.example")
        assert client.get(exam).status_code == 200
        _log_in(client, "boss@exams.example")
        chores = [client.post(f"{address}/api/admin/chores/recount") for address in state["workers"].values()]
        assert [response.status_code for response in chores] == [423, 201]
        assert '"req": null' in Path(state["logs"]["worker-a"]).read_text()
