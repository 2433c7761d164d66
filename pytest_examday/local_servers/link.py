"""A TCP proxy in front of one service that can delay it: ``python -m pytest_examday.local_servers.link``.

It listens on port ``--listen`` and forwards to port ``--to``, both on the loopback address. It delays what the service
sends, on open connections too. The delay is set through the control socket: one line of JSON sets or reads it, and one
line answers with the delay that is set.
"""

import argparse
import asyncio
import json
import random
import resource
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import uvloop

from pytest_examday.local_servers.ports import HOST, bind_shared

_CHUNK = 64 * 1024
_BACKLOG = 2048
"""Connections that may wait to be accepted: all candidates may connect at once when an exam begins."""
_DESCRIPTORS = 16_384
_WAITING = 1024
"""The most chunks that one connection holds back. Above it the service is not read, as on a real network."""


@dataclass(slots=True)
class Delay:
    """The delay of what the service sends and its jitter, in milliseconds."""

    delay_ms: int = 0
    jitter_ms: int = 0

    def seconds(self) -> float:
        """The delay of one chunk in seconds."""
        return max(0.0, self.delay_ms + random.uniform(-self.jitter_ms, self.jitter_ms)) / 1000


class Link:
    """Forwards each caller's connection to the service."""

    def __init__(self, target: int) -> None:
        self.delay = Delay()
        self._target = target

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until either side ends it."""
        try:
            inner_reader, inner_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.close()  # the service is down: the caller sees its connection end
            return
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_hand_on(reader, inner_writer))
                both.create_task(self._hand_back(inner_reader, writer))
        except* OSError:
            writer.transport.abort()  # one side broke off, so the other side is broken off too
        finally:
            inner_writer.close()
            writer.close()

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Set the delay; an empty line of JSON (``{}``) only reads it."""
        delay = json.loads(await reader.readline())
        if delay:
            self.delay = Delay(**delay)
        writer.write(json.dumps(asdict(self.delay)).encode() + b"\n")
        await writer.drain()
        writer.close()

    async def _hand_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward what the service sends, late and in order."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_WAITING)
        async with asyncio.TaskGroup() as both:
            both.create_task(_arrive(under_way, writer))
            due = 0.0
            while True:
                chunk = await reader.read(_CHUNK)
                due = max(due, time.monotonic() + self.delay.seconds())
                await under_way.put((due, chunk))
                if not chunk:
                    return


async def _arrive(under_way: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
    while True:
        due, chunk = await under_way.get()
        seconds_left = due - time.monotonic()
        if seconds_left > 0:
            await asyncio.sleep(seconds_left)
        if not chunk:
            writer.close()
            return
        if writer.is_closing():
            raise ConnectionResetError("the caller has left")
        writer.write(chunk)
        await writer.drain()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while (chunk := await reader.read(_CHUNK)) and not writer.is_closing():
        writer.write(chunk)
        await writer.drain()
    if not writer.is_closing():  # uvloop logs an error for a closed one
        writer.write_eof()


async def _run(listen: int, target: int, control: str) -> None:
    link = Link(target)
    server = await asyncio.start_server(link.serve, sock=bind_shared(listen), backlog=_BACKLOG)
    async with await asyncio.start_unix_server(link.control, control):
        await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until a signal ends the process."""
    parser = argparse.ArgumentParser(prog="python -m pytest_examday.local_servers.link", description=__doc__)
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--to", type=int, required=True)
    parser.add_argument("--control", required=True)
    options = parser.parse_args(arguments)
    _allow_many_connections()
    uvloop.run(_run(options.listen, options.to, options.control))


def _allow_many_connections() -> None:
    """Raise the limit of open files: each caller needs two, as far as the system allows."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _DESCRIPTORS if most == resource.RLIM_INFINITY else min(_DESCRIPTORS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(least, limit), most))


if __name__ == "__main__":
    main()
