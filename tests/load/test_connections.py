"""When a connection is used again, and what becomes of requests on one that ends."""

import asyncio
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from socket import create_server
from unittest.mock import create_autospec

import pytest
import uvloop

from pytest_examday.load.client import ClientReply
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.http_connection import Connection, Shared, Unsent
from pytest_examday.load.request import Origin
from pytest_examday.load.response import Broken, Response
from tests.load.asking_server import OK, REQUEST, Run, client_of, get, pool_of, read
from tests.load.sockets import Listener, Serve, answering, listening, silent


def test_a_surplus_after_an_answer_costs_the_connection_and_not_the_answer(run: Run) -> None:
    async def ask(surplus: bytes) -> int:
        async with listening(answering(OK + surplus)) as listener:
            pool = pool_of(listener)
            assert [(await get(pool)).body for _ in range(3)] == [b"{}"] * 3
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
            pool = pool_of(listener)
            for _ in range(2):
                assert (await get(pool)).status == 200
                await asyncio.sleep(0.05)
            pool.close()
        return listener.connections

    assert run(ask()) == 2


def test_a_connection_that_the_server_closed_while_idle_is_replaced(run: Run) -> None:
    async def ask() -> int:
        async with listening(answering(OK, hang_up=True)) as listener:
            pool = pool_of(listener)
            for _ in range(3):
                assert (await get(pool)).status == 200
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
            assert (await get(pool)).status == 200
            end.set()
            time.sleep(0.1)  # noqa: ASYNC251 # the loop is kept from seeing the end
            assert (await get(pool)).status == 200
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
def test_bytes_that_arrive_before_the_request_are_no_reply(run: Run, farewell: str) -> None:
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
            pool = pool_of(listener)
            await get(pool)
            (kept,) = pool._idle
            asking = asyncio.create_task(get(pool))
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
                await get(pool_of(listener))
        return listener.connections

    assert run(ask()) == 1


def test_a_request_that_breaks_on_a_kept_connection_is_not_sent_again(run: Run) -> None:
    def once(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await listener.next(reader)
            writer.write(OK)
            await listener.next(reader)

        return handle

    async def ask() -> tuple[ClientReply, int, int]:
        async with listening(once) as listener:
            client = client_of(f"http://{listener.address}")
            assert (await read(client)).outcome == "ok"
            broken = await read(client)
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
            client = client_of(f"http://{listener.address}")
            clicks = await asyncio.gather(read(client), read(client))
            later = [await read(client) for _ in range(2)]
            await client.close()
        return [reply.outcome for reply in (*clicks, *later)], listener.connections

    assert run(ask()) == (["ok"] * 4, 2)


def test_a_reloaded_page_has_a_new_connection(run: Run) -> None:
    async def ask() -> tuple[list[str], int]:
        async with listening(answering(OK)) as listener:
            client = client_of(f"http://{listener.address}")
            before = await read(client)
            await client.reconnect()
            await asyncio.wait_for(listener.hung_up.wait(), 2)
            after = await read(client)
            await client.close()
        return [before.outcome, after.outcome], listener.connections

    assert run(ask()) == (["ok", "ok"], 2)


def test_closing_breaks_what_is_under_way(run: Run) -> None:
    async def ask() -> ClientReply:
        async with listening(silent) as listener:
            client = client_of(f"http://{listener.address}")
            asking = asyncio.create_task(read(client))
            await listener.has_been_asked(1)
            await client.close()
            return await asking

    assert run(ask()).outcome == "transport"


def test_closing_while_a_connection_is_made_sends_nothing(run: Run) -> None:
    async def ask() -> int:
        async with listening(answering(OK)) as listener:
            pool = pool_of(listener)
            asking = asyncio.create_task(get(pool))
            await asyncio.sleep(0)
            pool.close()
            with pytest.raises(Broken):
                await asking
            await asyncio.sleep(0.02)
        return len(listener.asked)

    assert run(ask()) == 0


def test_a_wait_that_ends_as_the_answer_comes_leaves_no_connection_behind(run: Run) -> None:
    async def ask() -> None:
        kept = _Kept()
        asking = await kept.asking()
        await asyncio.sleep(0.01)
        kept.transport.write.assert_called_once_with(REQUEST)
        kept.connection.data_received(OK)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        kept.transport.abort.assert_called_once_with()

    run(ask())


def test_a_refused_connection_is_a_matter_of_transport(run: Run) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    async def ask(host: str) -> str:
        client = client_of(f"http://{host}:{port}")
        return (await read(client)).outcome

    assert [run(ask(host)) for host in ("127.0.0.1", "x" * 64 + ".invalid")] == ["transport", "transport"]


def test_an_id_with_a_line_break_reaches_nobody(run: Run) -> None:
    async def ask() -> tuple[ClientReply, int]:
        async with listening(answering(OK)) as listener:
            client = client_of(f"http://{listener.address}")
            reply = await client.send("read", {"session_id": "s\r\nX-Evil: 1"})
            await client.close()
        return reply, listener.connections

    reply, connections = run(ask())
    assert (reply.outcome, connections) == ("transport", 0)


def test_a_platform_may_live_below_a_path_of_an_ipv6_address(run: Run) -> None:
    async def ask() -> list[bytes]:
        async with listening(answering(OK), host="::1") as listener:
            client = client_of(f"http://{listener.address}/api/")
            assert (await read(client)).outcome == "ok"
            await client.close()
        return listener.asked[0].split(b"\r\n")[:2]

    try:
        create_server(("::1", 0), family=10).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    line, host = run(ask())
    assert line == b"GET /api/v1/sessions/s-1 HTTP/1.1"
    assert host.startswith(b"Host: [::1]:")


def test_a_thousand_idle_connections_cost_little_memory(checkout: Path) -> None:
    async def hold() -> int:
        async with listening(answering(OK)) as listener:
            command = [sys.executable, "-m", "tests.load.idle_connections", f"http://{listener.address}", "1000"]
            child = await asyncio.create_subprocess_exec(*command, cwd=checkout, stdout=subprocess.PIPE)
            output, _ = await asyncio.wait_for(child.communicate(), 60)
        return int(output)

    assert uvloop.run(hold()) / 1000 < 20_000
