"""httpx: one client whose pool holds all connections."""

import asyncio
from functools import partial

import httpx

from benchmarks.generators.figures import Loop
from benchmarks.generators.wire import VALUES


async def _answer(client: httpx.AsyncClient) -> bool:
    headers = {"Authorization": "Bearer t-1"}
    try:
        response = await client.post("/v1/sessions/s-1/answers", json=VALUES, headers=headers)
    except httpx.RequestError:
        return False
    return response.status_code == 200 and bool(response.json())


async def main() -> None:
    """As many workers as connections."""
    loop = Loop.told()
    limits = httpx.Limits(max_connections=loop.connections, max_keepalive_connections=loop.connections)
    async with httpx.AsyncClient(base_url=loop.url, limits=limits, timeout=60) as client:
        await loop.run([partial(_answer, client)] * loop.connections)


if __name__ == "__main__":
    asyncio.run(main())
