"""Probes: one call at a time, and never an exception for what the platform or the network does."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from pydantic import SecretStr

from pytest_examday import bounded_transport
from pytest_examday.config.accounts import Account
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.local_servers.ports import pick
from pytest_examday.target.api import Api
from tests.load.fake_exam import FakeExam, html, late, status
from tests.load.server import serving

ADA = Account(email="ada@exam.example", password=SecretStr("her password"))


@pytest.fixture
def exam() -> FakeExam:
    """The platform."""
    return FakeExam()


@pytest.fixture
def api(exam: FakeExam) -> Iterator[Api]:
    """Calls the platform."""
    with serving(exam) as url:
        yield Api(url, CONTRACT, timeout=1.0)


def test_a_call_carries_its_id_its_token_its_key_and_its_values(api: Api, exam: FakeExam) -> None:
    reply = api.call("create", {"question_count": 2}, "t-1", key="k-1")
    (call,) = exam.seen
    assert (call.token, call.key, call.request_id) == ("t-1", "k-1", reply.request_id)
    assert call.body == {"question_count": 2}
    assert reply.accepted
    assert (reply.find("session_id"), str(reply)) == ("s-1", "HTTP 201")


def test_a_key_may_be_sent_in_the_body_and_a_call_without_one_has_its_own(exam: FakeExam) -> None:
    body = {"question_count": "{question_count}", "once": "{key}"}
    create = CONTRACT.create.model_copy(update={"body": body})
    contract = CONTRACT.model_copy(update={"create": create, "idempotency_header": None})
    assert contract.takes_keys
    with serving(exam) as url:
        api = Api(url, contract, timeout=1.0)
        for key in ("k-1", "k-1", None, None):
            api.call("create", {"question_count": 2}, "t-1", key=key)
    sent = [call.body["once"] for call in exam.seen]
    assert (sent[:2], len(set(sent)), {call.key for call in exam.seen}) == (["k-1", "k-1"], 3, {None})


def test_an_answer_that_is_no_json_is_an_answer(api: Api, exam: FakeExam) -> None:
    exam.disturb("create", html(502))
    reply = api.call("create", {"question_count": 2})
    assert (reply.status, reply.accepted, reply.body, reply.text) == (502, False, None, "<html>")
    assert reply.find("session_id") is None


def test_an_answer_that_comes_too_late_is_none(api: Api, exam: FakeExam) -> None:
    exam.disturb("create", late(0.6))
    reply = api.call("create", {"question_count": 2}, timeout=0.2)
    assert (reply.status, reply.accepted, str(reply)) == (None, False, "no reply in time")


def test_a_platform_that_is_not_there_is_no_exception() -> None:
    reply = Api(f"http://127.0.0.1:{pick()}", CONTRACT).call("health")
    assert (reply.status, str(reply)) == (None, "connection refused")


_OK = b"HTTP/1.1 200 OK\r\n"
_ENDLESS = {
    "a body": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "headers": (_OK, b"X-More: 1\r\n"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a body of a known length": (_OK + b"Content-Length: 10000000000\r\n\r\n", b"x"),
}


@contextmanager
def _drips(begin: bytes, again: bytes, pause: float) -> Iterator[str]:
    """A server that begins an answer and goes on with it until the client goes away."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(begin)
                while True:
                    connection.sendall(again)
                    time.sleep(pause)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize("endless", _ENDLESS)
def test_an_answer_without_end_ends_with_the_time_for_the_whole_answer(endless: str) -> None:
    with _drips(*_ENDLESS[endless], pause=0.02) as url:
        begun = time.monotonic()
        reply = Api(url, CONTRACT, timeout=0.3).call("health")
        assert time.monotonic() - begun < 5
    assert (reply.status, str(reply)) == (None, "no reply in time")


def test_an_answer_that_is_too_long_ends_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_transport, "REPLY_LIMIT", 3 * 1024**2)
    begin, again = _ENDLESS["a body of a known length"]
    with _drips(begin, again * 20_000, pause=0) as url:
        reply = Api(url, CONTRACT, timeout=60).call("health")
    assert (reply.status, str(reply)) == (None, "the reply is longer than 3 MiB")


def _answer(body: bytes, headers: bytes = b"") -> bytes:
    return _OK + b"Content-Length: %d\r\n%s\r\n" % (len(body), headers) + body


def test_a_compressed_answer_that_nobody_asked_for_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with _drips(_answer(bomb, b"Content-Encoding: gzip\r\n"), b"x", pause=0.01) as url:
        reply = Api(url, CONTRACT).call("health")
    assert (reply.status, reply.body) == (200, None)
    assert len(reply.text) <= len(bomb)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"1" * 5000, b"\xff\xff"], ids=["deep", "long", "no text"])
def test_a_body_that_cannot_be_read_is_no_exception(body: bytes) -> None:
    with _drips(_answer(body), b"x", pause=0.01) as url:
        reply = Api(url, CONTRACT).call("health")
    assert (reply.status, reply.body, reply.accepted) == (200, None, False)


@pytest.mark.parametrize(
    ("value", "token"),
    [(float("nan"), "t"), ("\ud800", "t"), ("A", "\ud800"), ("A", "é"), ("A", "a\r\nX: y")],
    ids=ascii,
)
def test_a_value_of_the_platform_that_cannot_be_sent_is_no_exception(api: Api, value: object, token: str) -> None:
    values = {"session_id": "s-1", "question_id": "q1", "value": value, "sequence": 1, "marked": False}
    reply = api.call("answer", values, token)
    assert (reply.status, reply.accepted) == (None, False)
    assert reply.problem


def test_a_login_gives_the_tokens_of_the_account(api: Api) -> None:
    login = api.log_in(ADA)
    assert (login.account, login.access_token, login.refresh_token) == (
        ADA,
        "access-1",
        "refresh-1",
    )


@pytest.mark.parametrize(
    ("code", "told"), [(200, "HTTP 200"), (401, 'HTTP 401 "not [hidden]"'), (500, 'HTTP 500 "not [hidden]"')]
)
def test_a_login_without_a_token_is_unmeasurable_with_the_platforms_words(
    api: Api, exam: FakeExam, code: int, told: str
) -> None:
    exam.disturb("login", status(code, {"detail": "not her password"}))
    with pytest.raises(Unmeasurable) as reason:
        api.log_in(ADA)
    assert str(reason.value) == f"ada@exam.example could not log in: {told}"


def test_prepared_tokens_are_used_as_they_are(api: Api, exam: FakeExam) -> None:
    login = api.log_in(
        Account(email="a@exam.example", access_token=SecretStr("made"), refresh_token=SecretStr("again"))
    )
    assert (login.access_token, login.refresh_token, exam.seen) == ("made", "again", [])
