"""Requests on the wire: what is sent, which answers are understood, and when a connection is used again."""

import asyncio
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from socket import create_server
from typing import Any
from unittest.mock import create_autospec

import pytest
import trustme
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.contract.reference import CONTRACT
from pytest_examday.load import response as incoming
from pytest_examday.load.client import Answer, Client
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.request import Origin
from pytest_examday.load.response import Broken, Incoming, Response
from pytest_examday.load.wire import Connection, Shared, Unsent
from tests.load.sockets import Listener, Serve, answering, listening, silent

Run = Callable[[Coroutine[Any, Any, Any]], Any]

REQUEST = b"GET /v1/sessions/s-1 HTTP/1.1\r\nHost: exam.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
KEPT = {
    "a length": (OK, 200, b"{}"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b""),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 200, b"{}"),
    "chunks with extensions and trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nDigest: x\r\n\r\n",
        200,
        b"{}",
    ),
    "interim answers": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, 200, b"{}"),
    "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", 302, b""),
    "HTTP/1.0, kept alive": (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    "an offer of HTTP/2": (
        b"HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}",
        200,
        b"{}",
    ),
}
CLOSED = {
    "connection: close": (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    "no length, the connection's end": (b"HTTP/1.1 200 OK\r\n\r\n{}", 200, b"{}"),
}
FRAMINGS = KEPT | CLOSED
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


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine on each event loop that candidates may live in."""
    runner: Run = request.param
    return runner


def _pool(listener: Listener, scheme: str = "http", context: ssl.SSLContext | None = None) -> ConnectionPool:
    return ConnectionPool(Origin.of(f"{scheme}://{listener.address}"), context or ssl.create_default_context())


async def _get(pool: ConnectionPool) -> Response:
    response, ended = await pool.send(REQUEST, time.perf_counter() + 10)
    assert ended <= time.perf_counter()
    return response


def _client(url: str, timeout: float = 2.0) -> Client:
    return Client(url, CONTRACT, timeout, ssl.create_default_context())


async def _read(client: Client) -> Answer:
    return await client.send("read", {"session_id": "s-1"}, token="t-1")


# Where it goes


@pytest.mark.parametrize(
    ("url", "tls", "host", "port", "authority", "prefix"),
    [
        ("http://exam.example", False, "exam.example", 80, "exam.example", ""),
        ("https://exam.example/", True, "exam.example", 443, "exam.example", ""),
        ("https://exam.example:443", True, "exam.example", 443, "exam.example", ""),
        ("https://exam.example:8443/api", True, "exam.example", 8443, "exam.example:8443", "/api"),
        ("http://[::1]:8000/api/", False, "::1", 8000, "[::1]:8000", "/api"),
        ("http://[::1]", False, "::1", 80, "[::1]", ""),
        ("http://ada:pw@exam.example", False, "exam.example", 80, "exam.example", ""),
    ],
)
def test_a_base_url_says_where_the_platform_is(
    url: str, tls: bool, host: str, port: int, authority: str, prefix: str
) -> None:
    assert Origin.of(url) == Origin(tls, host, port, authority, prefix)


@pytest.mark.parametrize("url", ["", "exam.example", "ftp://exam.example", "http://", "http://exam.example:x"])
def test_anything_but_an_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Origin.of(url)


# What comes back


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
            pool = _pool(listener)
            seen = [await _get(pool) for _ in cuts]
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
            pool = _pool(listener)
            with pytest.raises(Broken):
                await _get(pool)
            await asyncio.wait_for(listener.hung_up.wait(), 2)
            assert (await _get(pool)).status == 200
            pool.close()
        return listener.connections

    assert run(ask()) == 2


@pytest.mark.parametrize("framing", ["a length", "chunks", "interim answers"])
def test_an_answer_that_ends_too_early_is_broken(run: Run, framing: str) -> None:
    answer = FRAMINGS[framing][0]

    async def ask(part: bytes) -> None:
        async with listening(answering(part, hang_up=True)) as listener:
            with pytest.raises(Broken):
                await _get(_pool(listener))

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


# Connections


def test_a_surplus_after_an_answer_costs_the_connection_and_not_the_answer(run: Run) -> None:
    async def ask(surplus: bytes) -> int:
        async with listening(answering(OK + surplus)) as listener:
            pool = _pool(listener)
            assert [(await _get(pool)).body for _ in range(3)] == [b"{}"] * 3
            pool.close()
        return listener.connections

    assert [run(ask(surplus)) for surplus in (OK, b"garbage", b"HTTP/1.1 500")] == [3, 3, 3]


def test_an_answer_that_nobody_asked_for_is_never_taken_for_one(run: Run) -> None:
    def saying_more(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await listener.next(reader)
            writer.write(OK)
            await asyncio.sleep(0.02)
            writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            await listener.next(reader)

        return handle

    async def ask() -> int:
        async with listening(saying_more) as listener:
            pool = _pool(listener)
            for _ in range(2):
                assert (await _get(pool)).status == 200
                await asyncio.sleep(0.05)
            pool.close()
        return listener.connections

    assert run(ask()) == 2


def test_a_connection_that_the_server_closed_while_idle_is_replaced(run: Run) -> None:
    async def ask() -> int:
        async with listening(answering(OK, hang_up=True)) as listener:
            pool = _pool(listener)
            for _ in range(3):
                assert (await _get(pool)).status == 200
                await asyncio.sleep(0.02)
            pool.close()
        return listener.connections

    assert run(ask()) == 3


def test_a_closing_that_the_event_loop_has_not_seen_yet_is_known_all_the_same(run: Run) -> None:
    end = threading.Event()
    with create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(OK)
                    end.wait(5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()

        async def ask() -> None:
            pool = ConnectionPool(
                Origin.of(f"http://127.0.0.1:{server.getsockname()[1]}"), ssl.create_default_context()
            )
            assert (await _get(pool)).status == 200
            end.set()
            time.sleep(0.1)  # noqa: ASYNC251 # the loop is kept from seeing the end
            assert (await _get(pool)).status == 200
            pool.close()

        run(ask())
        thread.join(5)
    assert not thread.is_alive()


class _Kept:
    """A connection that answered once, over a transport whose writes are seen."""

    def __init__(self) -> None:
        self.transport = create_autospec(asyncio.Transport, instance=True)
        self.transport.is_closing.return_value = False
        self.connection = Connection(Shared())
        self.connection.connection_made(self.transport)

    async def asking(self) -> asyncio.Task[Response]:
        """A request that is meant to be sent at the end of this turn."""
        task = asyncio.create_task(self.connection.exchange(REQUEST, time.perf_counter() + 10))
        await asyncio.sleep(0)
        assert not self.transport.write.called
        return task


FAREWELLS = {
    "an answer that nobody asked for": lambda connection: connection.data_received(OK),
    "the end of what it sends": lambda connection: connection.eof_received(),
    "the end of the connection": lambda connection: connection.connection_lost(None),
    "a reset": lambda connection: connection.connection_lost(ConnectionResetError()),
}


@pytest.mark.parametrize("farewell", FAREWELLS)
def test_what_comes_before_the_request_left_is_no_answer_and_the_request_never_leaves(run: Run, farewell: str) -> None:
    async def ask() -> None:
        kept = _Kept()
        asking = await kept.asking()
        FAREWELLS[farewell](kept.connection)
        with pytest.raises(Unsent):
            await asking
        await asyncio.sleep(0.01)
        assert not kept.transport.write.called
        assert not kept.connection.reusable

    run(ask())


def test_a_wait_that_ends_before_the_request_left_sends_nothing(run: Run) -> None:
    async def ask() -> None:
        kept = _Kept()
        asking = await kept.asking()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.01)
        assert not kept.transport.write.called
        kept.transport.abort.assert_called_once_with()

    run(ask())


def test_a_request_that_never_left_goes_over_another_connection(run: Run) -> None:
    async def ask() -> tuple[int, int]:
        async with listening(answering(OK)) as listener:
            pool = _pool(listener)
            await _get(pool)
            (kept,) = pool._idle
            asking = asyncio.create_task(_get(pool))
            await asyncio.sleep(0)
            kept.eof_received()
            assert (await asking).status == 200
            pool.close()
        return len(listener.asked), listener.connections

    assert run(ask()) == (2, 2)


def test_a_connection_that_ends_as_soon_as_it_is_made_is_not_tried_for_ever(run: Run) -> None:
    def unwilling(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            return

        return handle

    async def ask() -> int:
        async with listening(unwilling) as listener:
            with pytest.raises(Broken):
                await _get(_pool(listener))
        return listener.connections

    assert run(ask()) == 1


def test_a_request_that_breaks_on_a_kept_connection_is_not_sent_again(run: Run) -> None:
    def once(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await listener.next(reader)
            writer.write(OK)
            await listener.next(reader)

        return handle

    async def ask() -> tuple[Answer, int, int]:
        async with listening(once) as listener:
            client = _client(f"http://{listener.address}")
            assert (await _read(client)).outcome == "ok"
            broken = await _read(client)
            await client.close()
        return broken, len(listener.asked), listener.connections

    broken, asked, connections = run(ask())
    assert (broken.outcome, broken.status, asked, connections) == ("transport", None, 2, 1)


def test_two_clicks_at_the_same_moment_are_two_requests_under_way(run: Run) -> None:
    def both_then_answer(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                await listener.next(reader)
                await listener.has_been_asked(2)
                writer.write(OK)

        return handle

    async def ask() -> tuple[list[str], int]:
        async with listening(both_then_answer) as listener:
            client = _client(f"http://{listener.address}")
            clicks = await asyncio.gather(_read(client), _read(client))
            later = [await _read(client) for _ in range(2)]
            await client.close()
        return [answer.outcome for answer in (*clicks, *later)], listener.connections

    assert run(ask()) == (["ok"] * 4, 2)


def test_a_reloaded_page_has_a_new_connection(run: Run) -> None:
    async def ask() -> tuple[list[str], int]:
        async with listening(answering(OK)) as listener:
            client = _client(f"http://{listener.address}")
            before = await _read(client)
            await client.reconnect()
            await asyncio.wait_for(listener.hung_up.wait(), 2)
            after = await _read(client)
            await client.close()
        return [before.outcome, after.outcome], listener.connections

    assert run(ask()) == (["ok", "ok"], 2)


def test_closing_breaks_what_is_under_way(run: Run) -> None:
    async def ask() -> Answer:
        async with listening(silent) as listener:
            client = _client(f"http://{listener.address}")
            asking = asyncio.create_task(_read(client))
            await listener.has_been_asked(1)
            await client.close()
            return await asking

    assert run(ask()).outcome == "transport"


def test_closing_while_a_connection_is_made_sends_nothing(run: Run) -> None:
    async def ask() -> int:
        async with listening(answering(OK)) as listener:
            pool = _pool(listener)
            asking = asyncio.create_task(_get(pool))
            await asyncio.sleep(0)
            pool.close()
            with pytest.raises(Broken):
                await asking
            await asyncio.sleep(0.02)
        return len(listener.asked)

    assert run(ask()) == 0


def test_a_wait_that_ends_as_the_answer_comes_leaves_no_connection_behind(run: Run) -> None:
    transport = create_autospec(asyncio.Transport, instance=True)
    transport.is_closing.return_value = False
    connection = Connection(Shared())
    connection.connection_made(transport)

    async def ask() -> None:
        asking = asyncio.create_task(connection.exchange(REQUEST, time.perf_counter() + 10))
        await asyncio.sleep(0.01)
        transport.write.assert_called_once_with(REQUEST)
        connection.data_received(OK)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    run(ask())
    transport.abort.assert_called_once_with()


def test_a_refused_connection_is_a_matter_of_transport(run: Run) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    async def ask(host: str) -> str:
        client = _client(f"http://{host}:{port}")
        return (await _read(client)).outcome

    assert [run(ask(host)) for host in ("127.0.0.1", "x" * 64 + ".invalid")] == ["transport", "transport"]


def test_an_id_with_a_line_break_reaches_nobody(run: Run) -> None:
    async def ask() -> tuple[Answer, int]:
        async with listening(answering(OK)) as listener:
            client = _client(f"http://{listener.address}")
            answer = await client.send("read", {"session_id": "s\r\nX-Evil: 1"})
            await client.close()
        return answer, listener.connections

    answer, connections = run(ask())
    assert (answer.outcome, connections) == ("transport", 0)


def test_a_platform_may_live_below_a_path_of_an_ipv6_address(run: Run) -> None:
    async def ask() -> list[bytes]:
        async with listening(answering(OK), host="::1") as listener:
            client = _client(f"http://{listener.address}/api/")
            assert (await _read(client)).outcome == "ok"
            await client.close()
        return listener.asked[0].split(b"\r\n")[:2]

    try:
        create_server(("::1", 0), family=10).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    line, host = run(ask())
    assert line == b"GET /api/v1/sessions/s-1 HTTP/1.1"
    assert host.startswith(b"Host: [::1]:")


# Deadlines


def _dripping(listener: Listener) -> Serve:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await listener.next(reader)
        for byte in OK[:-1]:
            if not (reader.at_eof() or writer.is_closing()):
                writer.write(bytes([byte]))
                await asyncio.sleep(0.03)
        await listener.next(reader)

    return handle


@pytest.mark.parametrize("slow", [silent, _dripping], ids=["silence", "a byte at a time"])
def test_the_deadline_covers_the_whole_answer_and_closes_the_connection(
    run: Run, slow: Callable[[Listener], Serve]
) -> None:
    async def ask() -> Answer:
        async with listening(slow) as listener:
            client = _client(f"http://{listener.address}", timeout=0.2)
            answer = await _read(client)
            await asyncio.wait_for(listener.hung_up.wait(), 3)
            return answer

    answer = run(ask())
    assert answer.outcome == "timeout"
    assert answer.ms >= 200


def test_the_deadline_covers_the_handshake(run: Run) -> None:
    def deaf(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            listener.hung_up.set()

        return handle

    async def ask() -> Answer:
        async with listening(deaf) as listener:
            answer = await _read(_client(f"https://{listener.address}", timeout=0.2))
            await asyncio.wait_for(listener.hung_up.wait(), 2)
            return answer

    assert run(ask()).outcome == "timeout"


def test_the_deadline_covers_a_body_that_nobody_reads(run: Run) -> None:
    def deaf(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(1)

        return handle

    async def ask() -> float:
        async with listening(deaf) as listener:
            begun = time.perf_counter()
            with pytest.raises(TimeoutError):
                await _pool(listener).send(b"POST / HTTP/1.1\r\n\r\n" + b"x" * 30_000_000, begun + 0.2)
            return time.perf_counter() - begun

    assert run(ask()) >= 0.2


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Signs the certificates of these tests."""
    return trustme.CA()


def _server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_requests_go_over_tls_to_the_name_that_was_meant(run: Run, authority: trustme.CA) -> None:
    server, client = _server_context(authority, "localhost"), ssl.create_default_context()
    authority.configure_trust(client)
    named: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: named.append(name)

    async def ask() -> tuple[list[bytes], int]:
        async with listening(answering(OK), tls=server) as listener:
            pool = ConnectionPool(Origin.of(f"https://localhost:{listener.port}"), client)
            bodies = [(await _get(pool)).body for _ in range(3)]
            pool.close()
            await asyncio.wait_for(listener.hung_up.wait(), 2)
        return bodies, listener.connections

    assert run(ask()) == ([b"{}"] * 3, 1)
    assert named == ["localhost"]


@pytest.mark.parametrize("framing", CLOSED)
def test_an_answer_may_end_with_its_tls_connection(run: Run, authority: trustme.CA, framing: str) -> None:
    answer, status, body = CLOSED[framing]
    server, client = _server_context(authority, "127.0.0.1"), ssl.create_default_context()
    authority.configure_trust(client)

    async def ask() -> list[Response]:
        async with listening(answering(answer, hang_up=True), tls=server) as listener:
            pool = _pool(listener, "https", client)
            return [await _get(pool) for _ in range(2)]

    assert [(response.status, response.body) for response in run(ask())] == [(status, body)] * 2


@pytest.mark.parametrize("trusted", [True, False], ids=["another name", "unknown authority"])
def test_a_certificate_of_somebody_else_is_refused(run: Run, authority: trustme.CA, trusted: bool) -> None:
    server, client = _server_context(authority, "elsewhere.example"), ssl.create_default_context()
    if trusted:
        authority.configure_trust(client)

    async def ask() -> int:
        async with listening(answering(OK), tls=server) as listener:
            with pytest.raises(Broken, match="certificate"):
                await _get(_pool(listener, "https", client))
        return len(listener.asked)

    assert run(ask()) == 0


# Many candidates


def test_a_thousand_idle_connections_cost_little_memory(checkout: Path) -> None:
    async def hold() -> int:
        async with listening(answering(OK)) as listener:
            command = [sys.executable, "-m", "tests.load.idle", f"http://{listener.address}", "1000"]
            child = await asyncio.create_subprocess_exec(*command, cwd=checkout, stdout=subprocess.PIPE)
            output, _ = await asyncio.wait_for(child.communicate(), 60)
        return int(output)

    assert uvloop.run(hold()) / 1000 < 20_000
