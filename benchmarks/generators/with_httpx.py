"""httpx: one client whose pool holds all connections."""

import asyncio
from functools import partial

import httpx

from benchmarks.generators.figures import Loop, Told
from benchmarks.generators.wire import VALUES


async def answer(client: httpx.AsyncClient) -> bool:
    """One answer; whether it was accepted."""
    headers = {"Authorization": "Bearer t-1"}
    try:
        response = await client.post("/v1/sessions/s-1/answers", json=VALUES, headers=headers)
    except httpx.RequestError:
        return False
    return response.status_code == 200 and bool(response.json())


async def main(told: Told) -> None:
    """As many workers as connections."""
    limits = httpx.Limits(max_connections=told.connections, max_keepalive_connections=told.connections)
    async with httpx.AsyncClient(base_url=told.url, limits=limits, timeout=60) as client:
        await Loop(told).run([partial(answer, client)] * told.connections)


if __name__ == "__main__":
    asyncio.run(main(Told.by_command_line()))
