"""`python -m tests.load.idle_connections URL COUNT`: open so many connections, keep them idle, print the bytes that
they cost."""

import gc
import ssl
import sys
import time

import psutil
import uvloop

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.operation_templates import templates_of


async def _ask(url: str, count: int) -> list[ConnectionPool]:
    context = ssl.create_default_context()
    calls = templates_of(url, CONTRACT)
    request = calls["submit"].fill({"session_id": "s-1"}, "ed-1")
    pools = [ConnectionPool(calls.origin, context) for _ in range(count)]
    for pool in pools:
        response, _ = await pool.send(request, time.perf_counter() + 10)
        if response.status != 200:
            raise RuntimeError(f"HTTP {response.status}")
    return pools


async def main(url: str, count: int) -> int:
    """Bytes of resident memory that the connections added."""
    await _ask(url, 1)
    gc.collect()
    before = psutil.Process().memory_info().rss
    pools = await _ask(url, count)
    gc.collect()
    cost = int(psutil.Process().memory_info().rss - before)
    for pool in pools:
        pool.close()
    return cost


if __name__ == "__main__":
    print(uvloop.run(main(sys.argv[1], int(sys.argv[2]))))
