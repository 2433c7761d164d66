"""Small real servers that answer with exactly the bytes a test wants."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Listener:
    """A server at work: its address, how many connections it took, what it was asked."""

    host: str
    port: int
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)
    asking: asyncio.Condition = field(default_factory=asyncio.Condition)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def address(self) -> str:
        """Host and port as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    async def next(self, reader: asyncio.StreamReader) -> bytes:
        """The next request, whole; `hung_up` is set if the client closed instead."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
            raise
        length = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
        request = head + await reader.readexactly(int(length[1]) if length else 0)
        async with self.asking:
            self.asked.append(request)
            self.asking.notify_all()
        return request

    async def has_been_asked(self, times: int) -> None:
        """Wait for so many requests."""
        async with self.asking:
            await self.asking.wait_for(lambda: len(self.asked) >= times)


@asynccontextmanager
async def listening(
    serve: Callable[[Listener], Serve], host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Listener]:
    """A server whose connections are handled by what `serve` makes; each is closed when that ends."""
    listener = Listener(host, 0)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.connections += 1
        try:
            await serve(listener)(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client is gone: what it did is the test's matter
        finally:
            writer.close()

    server = await asyncio.start_server(handle, host, 0, ssl=tls)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()


def answering(*answers: bytes, hang_up: bool = False) -> Callable[[Listener], Serve]:
    """Answer one request after the other with these bytes, the last of them for ever; `hang_up` after each."""

    def serve(listener: Listener) -> Serve:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                await listener.next(reader)
                writer.write(answers[min(len(listener.asked), len(answers)) - 1])
                await writer.drain()
                if hang_up:
                    return

        return handle

    return serve


def silent(listener: Listener) -> Serve:
    """Take requests and never answer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await listener.next(reader)

    return handle
