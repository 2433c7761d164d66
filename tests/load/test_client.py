"""One request: sent once, classified, and never an exception for what the platform or the network does."""

import asyncio
import json
import ssl
import subprocess
import sys
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.load.client import (
    Client,
    ClientReply,
    classify,
    decoded,
    new_request_id,
)
from pytest_examday.load.operation_templates import templates_of
from pytest_examday.monotonic_clock import now
from tests.load.fake_exam import Disturbance, FakeExam, client_of, html, late, raising, status

SILENCE = late(5)
VALUES = {"session_id": "s-1", "question_id": "q1", "value": "B", "sequence": 4, "marked": True}


def _send(exam: FakeExam, name: str = "answer", timeout: float = 2.0) -> ClientReply:
    async def sending() -> ClientReply:
        client = client_of(exam, timeout)
        reply = await client.send(name, VALUES, token="t-1", key="k-1")
        await client.close()
        return reply

    return asyncio.run(sending())


@pytest.mark.parametrize(
    ("code", "body", "outcome"),
    [
        (200, {"status": "SUBMITTED"}, "ok"),
        (200, {"status": "ACTIVE"}, "unexpected"),
        (200, None, "unexpected"),
        (206, None, "client_error"),
        (302, None, "client_error"),
        (408, None, "server_error"),
        (409, None, "client_error"),
        (425, None, "server_error"),
        (429, {"status": "SUBMITTED"}, "limited"),
        (500, None, "server_error"),
        (503, None, "server_error"),
    ],
)
def test_an_answer_is_classified_by_what_the_contract_promises(code: int, body: object, outcome: str) -> None:
    assert classify(CONTRACT.submit, code, body) == outcome


@given(code=st.integers(100, 599))
def test_no_status_but_those_of_the_contract_is_ok(code: int) -> None:
    assert (classify(CONTRACT.create, code, {}) == "ok") is (code in (200, 201))


def test_a_request_carries_its_id_its_token_its_key_and_typed_values() -> None:
    exam = FakeExam()
    reply = _send(exam)
    (call,) = exam.seen
    assert (call.token, call.key, call.request_id) == ("t-1", "k-1", reply.request_id)
    assert call.body == {"question_id": "q1", "choice": "B", "sequence": 4, "marked": True}


def test_a_key_may_be_sent_in_the_body() -> None:
    exam = FakeExam()
    create = CONTRACT.create.model_copy(update={"body": {"question_count": "{question_count}", "once": "{key}"}})
    contract = CONTRACT.model_copy(update={"create": create, "idempotency_header": None})

    async def sending() -> None:
        client = client_of(exam, 2.0, contract)
        for key in ("k-1", "k-1", None, None):
            await client.send("create", {"question_count": 2}, token="t-1", key=key)
        await client.close()

    asyncio.run(sending())
    sent = [call.body["once"] for call in exam.seen]
    assert (sent[:2], len(set(sent))) == (["k-1", "k-1"], 3)


@pytest.mark.parametrize(
    ("disturbance", "outcome", "code"),
    [
        (raising(httpx.ConnectError), "transport", None),
        (raising(httpx.RemoteProtocolError), "transport", None),
        (raising(httpx.DecodingError), "transport", None),
        (raising(httpx.ConnectTimeout), "timeout", None),
        (raising(httpx.PoolTimeout), "timeout", None),
        (SILENCE, "timeout", None),
        (html(502), "server_error", 502),
        (status(503), "server_error", 503),
    ],
    ids=["refused", "protocol", "encoding", "connect timeout", "pool timeout", "silence", "a proxy's page", "HTTP 503"],
)
def test_whatever_happens_is_an_outcome_and_never_an_exception(
    disturbance: Disturbance, outcome: str, code: int | None
) -> None:
    exam = FakeExam()
    exam.disturb("answer", disturbance)
    before = now()
    reply = _send(exam, timeout=0.1)
    assert (reply.outcome, reply.status, len(exam.seen)) == (outcome, code, 1)
    assert before <= reply.started <= reply.started + reply.ms / 1000 <= now()
    assert (reply.ms >= 100) is (disturbance is SILENCE)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)])
def test_the_platform_may_say_when_to_come_back(header: str, seconds: float | None) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(429, None, **{"retry-after": header}))
    assert _send(exam).retry_after == seconds


def test_a_token_is_sent_until_there_is_another_and_a_bad_one_every_time_refused() -> None:
    exam = FakeExam()
    tokens = ["t-1", "t-1", "t-2", None, "t\r\nX-Evil: 1", "t\r\nX-Evil: 1", "t-1"]

    async def sending() -> list[str]:
        client = client_of(exam)
        return [(await client.send("read", VALUES, token)).outcome for token in tokens]

    assert asyncio.run(sending()) == ["ok"] * 4 + ["transport"] * 2 + ["ok"]
    assert [call.token for call in exam.seen] == ["t-1", "t-1", "t-2", None, "t-1"]


def test_a_contract_whose_headers_cannot_be_sent_reaches_nobody() -> None:
    exam = FakeExam()
    contract = CONTRACT.model_copy(update={"request_id_header": "X Request\r\nX-Evil"})

    async def sending() -> str:
        client = Client("http://exam.example", contract, 1.0, ssl.create_default_context())
        return (await client.send("read", VALUES)).outcome

    assert asyncio.run(sending()) == "transport"
    assert exam.seen == []


def test_candidates_share_templates_only_on_the_same_platform() -> None:
    other = CONTRACT.model_copy()
    assert templates_of("http://exam.example", CONTRACT) is templates_of("http://exam.example", CONTRACT)
    assert templates_of("http://exam.example", CONTRACT) is not templates_of("http://exam.example/api", CONTRACT)
    assert templates_of("http://exam.example", CONTRACT) is not templates_of("http://exam.example", other)


def test_ids_of_requests_never_meet() -> None:
    command = [sys.executable, "-c", "from pytest_examday.load.client import new_request_id as n; print(n())"]
    others = {subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)}
    ids = {new_request_id() for _ in range(1000)} | others
    assert len(ids) == 1002
    assert {len(one) for one in ids} == {35}


_TEXTS = [
    "NaN",
    "[Infinity, -Infinity]",
    "1e400",
    "-0",
    "-0.0",
    '"\\ud83d"',
    '"\\ud83d\\ude00"',
    '"\x01"',
    '{"a":1,"a":2}',
    "01",
    "[1,]",
    "",
    " ",
    "nul",
    "123456789012345678901234567890",
    "-9223372036854775809",
    "0.30000000000000004",
    "\ufeff{}",
    "{}x",
    "[" * 5000,
]


@pytest.mark.parametrize("content", [text.encode() for text in _TEXTS] + [b'"\xff"', b"\x00", "{}".encode("utf-16")])
def test_a_body_is_read_as_the_standard_library_reads_it(content: bytes) -> None:
    assert repr(decoded(content)) == repr(_as_the_standard_library(content))


_json_like = st.lists(
    st.sampled_from([*'[]{},:"\\ -+.eE09u', "\\u", "d83d", "NaN", "Infinity", "null", "true", "é", "\x7f", "\x00"]),
    max_size=12,
).map("".join)
_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    content=st.binary(max_size=12) | _json_like.map(str.encode) | _documents.map(lambda one: json.dumps(one).encode())
)
def test_any_body_is_read_as_the_standard_library_reads_it(content: bytes) -> None:
    assert repr(decoded(content)) == repr(_as_the_standard_library(content))


def _as_the_standard_library(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
