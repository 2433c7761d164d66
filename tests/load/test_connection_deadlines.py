"""What the deadline of a request covers."""

import asyncio
import time
from collections.abc import Callable

import pytest

from pytest_examday.load.client import ClientReply
from tests.load.asking_server import OK, Run, client_of, pool_of, read
from tests.load.sockets import Listener, Serve, listening, silent


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
    async def ask() -> ClientReply:
        async with listening(slow) as listener:
            client = client_of(f"http://{listener.address}", timeout=0.2)
            reply = await read(client)
            await asyncio.wait_for(listener.hung_up.wait(), 3)
            return reply

    reply = run(ask())
    assert reply.outcome == "timeout"
    assert reply.ms >= 200


def test_the_deadline_covers_the_handshake(run: Run) -> None:
    def deaf(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            listener.hung_up.set()

        return handle

    async def ask() -> ClientReply:
        async with listening(deaf) as listener:
            reply = await read(client_of(f"https://{listener.address}", timeout=0.2))
            await asyncio.wait_for(listener.hung_up.wait(), 2)
            return reply

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
                await pool_of(listener).send(b"POST / HTTP/1.1\r\n\r\n" + b"x" * 30_000_000, begun + 0.2)
            return time.perf_counter() - begun

    assert run(ask()) >= 0.2
