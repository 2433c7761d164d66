"""One port for several workers."""

import asyncio
from collections.abc import Iterable

from tests.foreign_platforms.services import HOST


async def balance(port: int, workers: Iterable[int]) -> asyncio.Server:
    """Give each connection to the next worker that takes it; `workers` are their ports."""
    ring = list(workers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ring.append(ring.pop(0))
        for worker_port in tuple(ring):  # others turn the ring meanwhile
            try:
                behind = await asyncio.open_connection(HOST, worker_port)
            except OSError:
                continue
            await asyncio.gather(_pass_on(reader, behind[1]), _pass_on(behind[0], writer))
            return
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    return await asyncio.start_server(serve, HOST, port)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return  # one side is gone: closing the other tells it
    finally:
        writer.close()
