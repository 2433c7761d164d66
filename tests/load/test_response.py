"""Which answers on the wire are understood, and which are broken."""

import asyncio
from collections import deque
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.load import response as incoming
from pytest_examday.load.response import Broken, Incoming
from tests.load.asking_server import CLOSED, FRAMINGS, KEPT, OK, Run, get, pool_of
from tests.load.sockets import Listener, Serve, answering, listening

NO_ANSWERS = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x46",
    "zeros": bytes(100),
    "a page without a head": b"<html>\r\n\r\n",
    "a switch of protocols": b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nx",
    "two framings": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    "a chunk without a size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "an endless header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    "an endless reason": b"HTTP/1.1 200 " + b"x" * 200_000,
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X-Header: value\r\n" * 10_000 + b"Content-Length: 0\r\n\r\n",
    "endless interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_an_answer_is_whole_wherever_it_is_cut(run: Run, framing: str) -> None:
    answer, status, body = FRAMINGS[framing]
    cuts = range(1, len(answer))

    def cut(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                await listener.next(reader)
                at = len(listener.asked)
                writer.write(answer[:at])
                await asyncio.sleep(0.0005)
                writer.write(answer[at:])
                if framing in CLOSED:
                    return

        return handle

    async def ask() -> tuple[set[tuple[int, bytes]], int]:
        async with listening(cut) as listener:
            pool = pool_of(listener)
            seen = [await get(pool) for _ in cuts]
            pool.close()
        return {(one.status, one.body) for one in seen}, listener.connections

    seen, connections = run(ask())
    assert seen == {(status, body)}
    assert connections == (len(cuts) if framing in CLOSED else 1)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_an_answer_byte_by_byte_is_whole_at_its_last_byte_and_not_before(framing: str) -> None:
    answer, status, body = FRAMINGS[framing]
    coming = Incoming()
    pieces = [coming.feed(bytes([byte])) for byte in answer]
    assert pieces[:-1] == [None] * (len(answer) - 1)
    response = pieces[-1] or coming.end()
    assert (response.status, response.body) == (status, body)
    assert coming.reusable is (framing in KEPT)


@given(answer=st.binary(max_size=300), cut=st.integers(0, 300), head=st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n"]))
def test_any_bytes_are_an_answer_or_broken(answer: bytes, cut: int, head: bytes) -> None:
    coming = Incoming()
    with suppress(Broken):
        pieces = filter(None, (head + answer[:cut], answer[cut:]))
        response = next(filter(None, map(coming.feed, pieces)), None) or coming.end()
        assert 0 <= response.status <= 999


def test_headers_are_found_whatever_their_case_and_trailers_are_none() -> None:
    answer = (
        b"HTTP/1.1 429 Slow\r\nRETRY-after: 7\r\nX: a\r\nx: b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nLate: 1\r\n\r\n"
    )
    response = Incoming().feed(answer)
    assert response is not None
    assert [response.header(name) for name in ("Retry-After", "X", "Late", "Age")] == ["7", "a, b", None, None]


def test_headers_of_an_interim_answer_are_not_those_of_the_answer() -> None:
    response = Incoming().feed(b"HTTP/1.1 103 Early Hints\r\nRetry-After: 7\r\n\r\n" + OK)
    assert response is not None
    assert response.header("retry-after") is None


@pytest.mark.parametrize("garbage", NO_ANSWERS)
def test_what_is_no_answer_is_broken_and_the_connection_dropped(run: Run, garbage: str) -> None:
    async def ask() -> int:
        async with listening(answering(NO_ANSWERS[garbage], OK)) as listener:
            pool = pool_of(listener)
            with pytest.raises(Broken):
                await get(pool)
            await asyncio.wait_for(listener.hung_up.wait(), 2)
            assert (await get(pool)).status == 200
            pool.close()
        return listener.connections

    assert run(ask()) == 2


@pytest.mark.parametrize("framing", ["a length", "chunks", "interim answers"])
def test_an_answer_that_ends_too_early_is_broken(run: Run, framing: str) -> None:
    answer = FRAMINGS[framing][0]

    async def ask(part: bytes) -> None:
        async with listening(answering(part, hang_up=True)) as listener:
            with pytest.raises(Broken):
                await get(pool_of(listener))

    for length in range(0, len(answer), 5):
        run(ask(answer[:length]))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 2000,
    ],
    ids=["length", "end", "chunks"],
)
def test_a_body_above_the_limit_is_broken(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    monkeypatch.setattr(incoming, "BODY_LIMIT", 1000)
    with pytest.raises(Broken, match="the body is too large"):
        Incoming().feed(answer)


def test_a_large_body_does_not_excuse_large_headers() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\nContent-Length: 50000\r\n\r\n"
    with pytest.raises(Broken, match="headers are too large"):
        Incoming().feed(head + b"x" * 50_000)


def test_a_body_may_come_in_many_small_chunks() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    response = Incoming().feed(head + b"1\r\nx\r\n" * 30_000 + b"0\r\n\r\n")
    assert response is not None
    assert response.body == b"x" * 30_000


@pytest.mark.parametrize("endless", [b"1;", b"0\r\nX: "], ids=["chunk extension", "trailer"])
def test_what_never_ends_around_a_body_is_broken(endless: bytes) -> None:
    coming = Incoming()
    coming.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + endless)
    with pytest.raises(Broken, match="too large"):
        deque(map(coming.feed, [b"x" * 1000] * 1000), maxlen=0)
