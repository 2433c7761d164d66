"""The platform of one path works as its README says, and each planted defect shows."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.foreign_platforms.started import service, started
from tests.waiting import wait_until

_SECRET = "open sesame"
_PEOPLE = count(2)
"""Each test enters as another person, so that the limit of `auth.enter` is reached only if a test wants it."""
State = dict[str, Any]


class Client:
    """One who calls methods, with the ticket of who entered last."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, headers={"X-Tenant": "north"}, timeout=30)

    def call(self, method: str, /, **params: object) -> httpx.Response:
        """Call the method, whatever comes of it."""
        return self.http.post("/rpc", json={"jsonrpc": "2.0", "id": method, "method": method, "params": params})

    def told(self, method: str, /, **params: object) -> Any:
        """The result of a call that has one."""
        response = self.call(method, **params)
        assert (response.status_code, list(response.json())) == (200, ["jsonrpc", "id", "result"]), response.text
        return response.json()["result"]

    def enter(self, user: str) -> str:
        """Enter, and send the ticket from now on."""
        ticket: str = self.told("auth.enter", user=user, secret=_SECRET)["ticket"]
        self.http.headers["X-Ticket"] = ticket
        return ticket

    def enter_as_another(self) -> None:
        """Enter as somebody who is nobody else in these tests."""
        self.enter(f"c-{next(_PEOPLE):04d}")

    def open(self, size: int = 4, **params: object) -> str:
        """Open an exam."""
        ref: str = self.told("exam.open", size=size, **params)["exam"]["ref"]
        return ref

    def put(self, exam: str, nr: int = 1, version: int = 0, option: int = 0) -> httpx.Response:
        """Give the option of this index."""
        given = self.told("exam.get", ref=exam)["items"][nr - 1]["options"][option]
        return self.call("exam.put", ref=exam, nr=nr, given=given, version=version)


@contextmanager
def _calling(address: str) -> Iterator[Client]:
    client = Client(address)
    with client.http:
        yield client


@pytest.fixture
def client(rpc: State) -> Iterator[Client]:
    with _calling(rpc["api"]) as client:
        client.enter_as_another()
        yield client


@pytest.fixture
def database(rpc: State) -> Iterator[psycopg.Connection]:
    with psycopg.connect(rpc["database"], autocommit=True) as connection:
        yield connection


def _failure(response: httpx.Response) -> tuple[int, int]:
    return response.status_code, response.json()["error"]["code"]


def _is_right(option: str | None) -> bool:
    """Whether the option, a product of 7 and its value, is true."""
    if option is None:
        return False
    product, value = option.split(" = ")
    return int(product.removeprefix("7 \u00d7 ")) * 7 == int(value)


def test_exam_is_read_answered_with_versions_closed_and_scored(client: Client) -> None:
    exam = client.open(3)
    first = client.told("exam.get", ref=exam)
    assert first["state"] == "RUNNING"
    assert abs(first["ends"] / 1000 - datetime.now(UTC).timestamp() - 3600) < 60
    assert [(item["nr"], item["given"], item["version"]) for item in first["items"]] == [
        (1, None, 0),
        (2, None, 0),
        (3, None, 0),
    ]
    assert client.put(exam, 1, 0, option=0).json()["result"] == {"version": 1}
    assert client.put(exam, 1, 1, option=1).json()["result"] == {"version": 2}
    right = next(option for option in first["items"][2]["options"] if _is_right(option))
    client.told("exam.put", ref=exam, nr=3, given=right, version=0)
    items = client.told("exam.get", ref=exam)["items"]
    given = [first["items"][0]["options"][1], None, right]
    assert [(item["given"], item["version"]) for item in items] == [(given[0], 2), (None, 0), (right, 1)]

    points = client.told("exam.close", ref=exam)["points"]

    assert points == sum(_is_right(option) for option in given) >= 1
    assert client.told("exam.close", ref=exam) == {"points": points}
    assert client.told("exam.get", ref=exam)["state"] == "CLOSED"
    listed = [{"nr": nr, "given": option} for nr, option in enumerate(given, 1)]
    assert client.told("exam.result", ref=exam) == {"points": points, "items": listed}


def test_stale_version_is_refused_with_the_current_one(client: Client) -> None:
    exam = client.open()
    client.put(exam)
    stale = client.put(exam, version=0, option=1)
    assert _failure(stale) == (200, 4090)
    assert stale.json()["error"]["data"] == {"version": 1}
    assert client.put(exam, version=1, option=1).json()["result"] == {"version": 2}


def test_of_two_answers_with_one_version_one_is_accepted(client: Client) -> None:
    exam = client.open()
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: client.put(exam), range(2)))
    assert sorted("result" in response.json() for response in both) == [False, True]


def _closed(client: Client) -> str:
    exam = client.open()
    client.told("exam.close", ref=exam)
    return exam


def _of_another(client: Client) -> str:
    exam = client.open()
    client.enter_as_another()
    return exam


def _without(client: Client, header: str) -> Client:
    del client.http.headers[header]
    return client


def _raw(client: Client, body: str) -> httpx.Response:
    return client.http.post("/rpc", content=body)


REFUSED: dict[str, tuple[Callable[[Client], httpx.Response], tuple[int, int]]] = {
    "an answer after the close": (lambda client: client.put(_closed(client)), (200, 4100)),
    "the result of a running exam": (lambda client: client.call("exam.result", ref=client.open()), (200, 4101)),
    "another person's exam": (lambda client: client.call("exam.get", ref=_of_another(client)), (200, 4040)),
    "closing another person's exam": (lambda client: client.call("exam.close", ref=_of_another(client)), (200, 4040)),
    "an unknown exam": (lambda client: client.call("exam.get", ref="0" * 32), (200, 4040)),
    "a ref in another spelling": (lambda client: client.call("exam.get", ref=client.open().lower()), (200, -32602)),
    "an unknown item": (
        lambda client: client.call("exam.put", ref=client.open(), nr=5, given="x", version=0),
        (200, -32602),
    ),
    "an unknown option": (
        lambda client: client.call("exam.put", ref=client.open(), nr=1, given="x", version=0),
        (200, -32602),
    ),
    "a text that no database stores": (
        lambda client: client.call("exam.put", ref=client.open(), nr=1, given="\0", version=0),
        (200, -32602),
    ),
    "no version": (lambda client: client.call("exam.put", ref=client.open(), nr=1, given="x"), (200, -32602)),
    "no tenant": (lambda client: _without(client, "X-Tenant").call("exam.mode"), (400, 4000)),
    "no ticket": (lambda client: _without(client, "X-Ticket").call("exam.mode"), (401, 4010)),
    "the renewal of no ticket": (lambda client: client.call("auth.renew", ticket="none"), (401, 4010)),
    "a wrong secret": (lambda client: client.call("auth.enter", user="c-0001", secret="guess"), (200, 4011)),
    "a candidate as administrator": (lambda client: client.call("admin.reindex"), (200, 4030)),
    "an unknown method": (lambda client: client.call("exam.sit"), (200, -32601)),
    "a call without id": (lambda client: _raw(client, '{"jsonrpc": "2.0", "method": "exam.mode"}'), (200, -32600)),
    "several calls at once": (lambda client: _raw(client, "[]"), (200, -32600)),
    "no JSON": (lambda client: _raw(client, "exam.mode"), (200, -32700)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_have_a_code_and_mostly_http_200(client: Client, what: str) -> None:
    refuse, expected = REFUSED[what]
    assert _failure(refuse(client)) == expected


def test_exam_that_has_ended_takes_no_answer_and_can_be_closed(client: Client, database: psycopg.Connection) -> None:
    exam = client.open()
    database.execute("UPDATE run SET ends_at = clock_timestamp() WHERE id::text::uuid = %s::uuid", [exam])
    assert _failure(client.put(exam)) == (200, 4100)
    assert client.told("exam.get", ref=exam)["state"] == "RUNNING"
    assert client.told("exam.close", ref=exam) == {"points": 0}


def test_one_key_opens_one_exam(client: Client) -> None:
    assert client.open(once="o") == client.open(once="o") != client.open(once="p")


def test_renewed_ticket_lives_five_seconds_more_and_the_new_one_ninety(
    client: Client, database: psycopg.Connection
) -> None:
    def pass_on(seconds: int) -> None:
        database.execute("UPDATE ticket SET ends_at = ends_at - make_interval(secs => %s)", [seconds])

    old = client.http.headers["X-Ticket"]
    new = client.told("auth.renew", ticket=old)
    assert new["expires_in"] == 90
    client.told("exam.mode")
    pass_on(5)
    assert _failure(client.call("exam.mode")) == (401, 4010)
    client.http.headers["X-Ticket"] = new["ticket"]
    client.told("exam.mode")
    pass_on(85)
    assert _failure(client.call("exam.mode")) == (401, 4010)


def test_leaving_ends_all_tickets_of_one_entry(client: Client) -> None:
    renewed = client.told("auth.renew", ticket=client.http.headers["X-Ticket"])
    client.told("auth.leave")
    for ticket in (client.http.headers["X-Ticket"], renewed["ticket"]):
        client.http.headers["X-Ticket"] = ticket
        assert _failure(client.call("exam.mode")) == (401, 4010)


def test_exam_mode_refuses_heavy_operations_on_both_workers(client: Client, rpc: State) -> None:
    ticket = client.enter("warden")
    for name, address in rpc["workers"].items():
        with _calling(address) as at_worker:
            at_worker.http.headers["X-Ticket"] = ticket
            assert at_worker.told("exam.mode") == {"mode": "exam", "node": name}
            assert _failure(at_worker.call("admin.reindex")) == (200, 4230)
            assert _failure(at_worker.call("admin.notify")) == (200, 4230)


def test_user_enters_thirty_times_a_minute_and_without_limit_while_redis_is_away(client: Client, rpc: State) -> None:
    user = f"c-{next(_PEOPLE):04d}"
    assert [client.enter(user) for _ in range(30)]
    limited = client.call("auth.enter", user=user, secret=_SECRET)
    assert _failure(limited) == (429, 4290)
    assert 0 < limited.json()["error"]["data"]["retry_after"] <= 60
    client.enter_as_another()
    assert service("kill", "redis", rpc) == 0
    client.enter(user)
    assert httpx.get(f"{rpc['api']}/ready").json() == {"ready": True, "database": True, "limits": False}
    assert service("start", "redis", rpc) == 0
    wait_until(lambda: httpx.get(f"{rpc['api']}/ready").json()["limits"])


def test_without_database_a_call_is_answered_with_503(client: Client, rpc: State) -> None:
    assert service("kill", "database", rpc) == 0
    response = client.call("exam.mode")
    assert _failure(response) == (503, 5030)
    assert response.json()["id"] == "exam.mode"
    ready = client.http.get("/ready")
    assert (ready.status_code, ready.json()["database"]) == (503, False)
    assert client.http.get("/live").json()["live"]
    assert service("start", "database", rpc) == 0
    for address in rpc["workers"].values():
        wait_until(lambda: httpx.get(f"{address}/ready", timeout=30).status_code == 200)  # noqa: B023
    assert client.told("exam.mode")["mode"] == "exam"


def test_while_a_worker_is_down_the_other_answers(rpc: State) -> None:
    assert service("kill", "worker-1", rpc) == 0
    assert service("status", "worker-1", rpc) == 1
    assert [httpx.get(f"{rpc['api']}/live").json()["node"] for _ in range(2)] == ["worker-2", "worker-2"]
    assert service("start", "worker-1", rpc) == 0
    assert {httpx.get(f"{rpc['api']}/live").json()["node"] for _ in range(2)} == {"worker-1", "worker-2"}


def test_each_call_leaves_one_line_with_its_trace(client: Client, rpc: State) -> None:
    client.http.headers["X-Trace"] = "find-me"
    client.told("exam.mode")
    client.call("exam.get", ref="0" * 32)
    del client.http.headers["X-Ticket"]
    client.call("exam.mode")
    lines: list[dict[str, Any]] = []

    def look() -> bool:
        text = "".join(Path(rpc["logs"][name]).read_text() for name in rpc["workers"])
        whole = [line for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
        lines[:] = [line for line in map(json.loads, whole) if line.get("trace") == "find-me"]
        return len(lines) == 3

    wait_until(look)
    lines.sort(key=lambda line: line["ts"])
    assert [(line["rpc"], line["code"]) for line in lines] == [
        ("exam.mode", 0),
        ("exam.get", 4040),
        ("exam.mode", 4010),
    ]
    assert lines[0]["who"] == lines[1]["who"] == f"c-{next(_PEOPLE) - 1:04d}"
    assert lines[2]["who"] is None
    for line in lines:
        assert abs(line["ts"] / 1000 - datetime.now(UTC).timestamp()) < 60
        assert line["ms"] > 0


def test_exams_lie_in_the_partition_of_their_month(client: Client, database: psycopg.Connection) -> None:
    exam = client.open()
    query = "SELECT tableoid::regclass::text, to_char(opened_at, '\"run_\"YYYY_MM') FROM run WHERE id = %s::uuid"
    found = database.execute(query, [exam]).fetchall()
    assert [table == month for table, month in found] == [True]


def test_deleted_exam_of_last_month_is_kept_and_shown_to_nobody(client: Client, database: psycopg.Connection) -> None:
    query = "SELECT upper(replace(id::text, '-', '')), points FROM run WHERE deleted_at IS NOT NULL"
    ((exam, points),) = database.execute(query).fetchall()
    assert points == 99
    client.enter("c-0001")
    for method in ("exam.get", "exam.close", "exam.result"):
        assert _failure(client.call(method, ref=exam)) == (200, 4040)


@pytest.fixture(scope="module")
def defective(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """The platform with all defects."""
    defects = (
        "lost-answers",
        "closes-counted-twice",
        "protected-executes",
        "answers-after-close",
        "points-too-high",
        "others-read",
        "stale-accepted",
        "lines-missing",
        "worker-in-normal-mode",
    )
    options = [part for name in defects for part in ("--defect", name)]
    with started("rpc", tmp_path_factory.mktemp("defective"), "--people", "3", "--exam-mode", *options) as state:
        yield state


@pytest.fixture
def harmed(defective: State) -> Iterator[Client]:
    with _calling(defective["workers"]["worker-1"]) as client:
        client.enter("c-0002")
        yield client


def test_defect_loses_every_twentieth_acknowledged_answer_after_the_fifth_question(harmed: Client) -> None:
    exam = harmed.open(25)
    assert [harmed.put(exam, nr).json()["result"] for nr in range(1, 26)] == [{"version": 1}] * 25
    assert [item["given"] for item in harmed.told("exam.get", ref=exam)["items"]].count(None) == 1


def test_defects_score_a_point_too_high_and_once_more_at_each_close(harmed: Client) -> None:
    exam = harmed.open()
    assert [harmed.told("exam.close", ref=exam)["points"] for _ in range(2)] == [1, 2]


def test_defect_accepts_answers_after_the_close(harmed: Client) -> None:
    assert harmed.put(_closed(harmed)).json()["result"] == {"version": 1}


def test_defect_accepts_a_stale_version(harmed: Client) -> None:
    exam = harmed.open()
    assert [harmed.put(exam, version=0).json()["result"]["version"] for _ in range(2)] == [1, 2]


def test_defect_shows_an_exam_to_another_person(harmed: Client) -> None:
    exam = harmed.open()
    harmed.enter("c-0003")
    assert harmed.told("exam.get", ref=exam)["state"] == "RUNNING"


def test_defects_carry_out_what_is_refused_and_leave_a_worker_in_normal_mode(defective: State) -> None:
    with psycopg.connect(defective["database"], autocommit=True) as connection:
        for name, outcome, jobs in (("worker-1", (200, 4230), 1), ("worker-2", {"done": "notify"}, 2)):
            with _calling(defective["workers"][name]) as client:
                client.enter("warden")
                body = client.call("admin.notify")
                assert outcome == (body.json().get("result") or _failure(body))
                assert connection.execute("SELECT count(*) FROM job").fetchone() == (jobs,)


def test_defect_leaves_every_tenth_call_without_a_line(harmed: Client, defective: State) -> None:
    harmed.http.headers["X-Trace"] = "some-are-missing"
    for _ in range(20):
        harmed.told("exam.mode")
    assert Path(defective["logs"]["worker-1"]).read_text().count("some-are-missing") == 18
