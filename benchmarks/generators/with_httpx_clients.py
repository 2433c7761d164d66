"""httpx: a client for each connection, so that no request waits for the bookkeeping of a large pool."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from functools import partial

import httpx

from benchmarks.generators.figures import Loop, Told
from benchmarks.generators.with_httpx import answer


async def main(told: Told) -> None:
    """As many clients as connections; they share what TLS needs, which is costly to make."""
    context = ssl.create_default_context()
    async with AsyncExitStack() as stack:
        made = [httpx.AsyncClient(base_url=told.url, timeout=60, verify=context) for _ in range(told.connections)]
        clients = [await stack.enter_async_context(client) for client in made]
        await Loop(told).run([partial(answer, client) for client in clients])


if __name__ == "__main__":
    asyncio.run(main(Told.by_command_line()))
