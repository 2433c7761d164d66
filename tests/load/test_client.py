"""One request: sent once, classified, and never an exception for what the platform or the network does."""

import asyncio
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.contract.reference import CONTRACT
from pytest_examday.load.client import Answer, classify
from pytest_examday.load.samples import read_samples
from tests.load.exam import Disturbance, FakeExam, client_of, html, late, raising, status


def _send(exam: FakeExam, folder: Path, name: str = "answer", timeout: float = 2.0) -> Answer:
    async def sending() -> Answer:
        client, samples = client_of(exam, folder, timeout)
        values = {"session_id": "s-1", "question_id": "q1", "value": "B", "sequence": 4, "marked": True}
        answer = await client.send(name, "ada", values, token="t-1", key="k-1")
        await client.close()
        samples.close()
        return answer

    return asyncio.run(sending())


@pytest.mark.parametrize(
    ("code", "body", "outcome"),
    [
        (200, {"status": "SUBMITTED"}, "ok"),
        (200, {"status": "ACTIVE"}, "unexpected"),
        (200, None, "unexpected"),
        (204, None, "client_error"),
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


def test_a_request_carries_its_id_its_token_its_key_and_typed_values(tmp_path: Path) -> None:
    exam = FakeExam()
    answer = _send(exam, tmp_path)
    (call,) = exam.seen
    assert (call.token, call.key, call.request_id) == ("t-1", "k-1", answer.request_id)
    assert call.body == {"question_id": "q1", "choice": "B", "sequence": 4, "marked": True}


@pytest.mark.parametrize(
    ("disturbance", "outcome", "code"),
    [
        (raising(httpx.ConnectError), "transport", None),
        (raising(httpx.RemoteProtocolError), "transport", None),
        (raising(httpx.DecodingError), "transport", None),
        (raising(httpx.ConnectTimeout), "timeout", None),
        (raising(httpx.PoolTimeout), "timeout", None),
        (late(5), "timeout", None),
        (html(502), "server_error", 502),
        (status(503), "server_error", 503),
    ],
    ids=["refused", "protocol", "encoding", "connect timeout", "pool timeout", "silence", "a proxy's page", "HTTP 503"],
)
def test_whatever_happens_becomes_one_sample(
    tmp_path: Path, disturbance: Disturbance, outcome: str, code: int | None
) -> None:
    exam = FakeExam()
    exam.disturb("answer", disturbance)
    answer = _send(exam, tmp_path, timeout=0.1)
    (sample,) = read_samples(tmp_path / "load.samples.jsonl")
    assert (answer.outcome, answer.status) == (outcome, code)
    assert (sample.outcome, sample.status, sample.request_id) == (outcome, code, answer.request_id)
    assert sample.operation == "answer"


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)])
def test_the_platform_may_say_when_to_come_back(tmp_path: Path, header: str, seconds: float | None) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(429, None, **{"retry-after": header}))
    assert _send(exam, tmp_path).retry_after == seconds
