"""A TCP link: everything goes through unchanged, and late when it is told so."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pytest_examday.local_servers import ports
from pytest_examday.local_servers.link import Delay, Link
from pytest_examday.local_servers.link_service import ask_link

Caller = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Link], Awaitable[None]]


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
    writer.close()


def _through(caller: Caller, target: int | None = None) -> None:
    """Run the caller with a connection through a link to a server that echoes lines."""

    async def run() -> None:
        async with await asyncio.start_server(_echo, ports.HOST, 0) as server:
            link = Link(target or server.sockets[0].getsockname()[1])
            async with await asyncio.start_server(link.serve, ports.HOST, 0) as front:
                reader, writer = await asyncio.open_connection(ports.HOST, front.sockets[0].getsockname()[1])
                async with asyncio.timeout(10):
                    await caller(reader, writer, link)
                writer.close()

    asyncio.run(run())


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: bytes) -> float:
    """Milliseconds until the line came back."""
    clock = time.perf_counter()
    writer.write(line)
    assert await reader.readline() == line
    return (time.perf_counter() - clock) * 1000


def test_a_connection_that_is_open_feels_a_delay_and_its_end() -> None:
    async def caller(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> None:
        await _ask(reader, writer, b"before\n")
        link.delay = Delay(200, 50)
        assert await _ask(reader, writer, b"during\n") >= 150
        link.delay = Delay()
        assert await _ask(reader, writer, b"after\n") < 150

    _through(caller)


def test_lines_stay_in_order_whatever_the_jitter() -> None:
    async def caller(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> None:
        link.delay = Delay(20, 20)
        sent = [f"{number}\n".encode() for number in range(40)]
        for line in sent:
            writer.write(line)
            await asyncio.sleep(0.001)
        assert [await reader.readline() for _ in sent] == sent

    _through(caller)


def test_many_bytes_arrive_whole() -> None:
    async def caller(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> None:
        sent = (b"x" * 40_000 + b"\n") * 100

        async def send() -> None:
            writer.write(sent)
            await writer.drain()

        sending = asyncio.create_task(send())
        assert await reader.readexactly(len(sent)) == sent
        await sending

    _through(caller)


def test_a_service_that_is_down_ends_the_callers_connection() -> None:
    async def caller(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> None:
        assert await reader.read() == b""

    _through(caller, target=ports.pick())


def test_a_caller_that_leaves_ends_the_connection_behind() -> None:
    async def caller(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> None:
        await _ask(reader, writer, b"one\n")
        writer.write_eof()
        assert await reader.read() == b""

    _through(caller)


def test_its_delay_is_set_and_read_back_through_the_control_socket(tmp_path: Path) -> None:
    async def run() -> None:
        link, path = Link(1), str(tmp_path / "link.sock")
        async with await asyncio.start_unix_server(link.control, path):
            assert await asyncio.to_thread(ask_link, path) == {"delay_ms": 0, "jitter_ms": 0}
            set_to = await asyncio.to_thread(ask_link, path, delay_ms=500, jitter_ms=100)
            assert set_to == {"delay_ms": 500, "jitter_ms": 100}
            assert await asyncio.to_thread(ask_link, path) == set_to
        assert link.delay == Delay(500, 100)

    asyncio.run(run())


def test_a_link_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        ask_link(str(tmp_path / "link.sock"))
