"""The built-in engine's connections alone: the same bytes every time, without ledger, samples and classification."""

import ssl
import time
from functools import partial

import uvloop

from benchmarks.generators.figures import Loop, Told
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.load.client import decoded
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.operation_templates import templates_of

VALUES = {"session_id": "s-1", "question_id": "q1", "value": "B", "sequence": 1, "marked": False}


async def _answer(pool: ConnectionPool, request: bytes) -> bool:
    response, _ = await pool.send(request, time.perf_counter() + 10)
    return response.status == 200 and bool(decoded(response.body))


async def main(told: Told) -> None:
    """One pool for each connection."""
    context = ssl.create_default_context()
    calls = templates_of(told.url, CONTRACT)
    request = calls["answer"].fill(VALUES, "ed-1", "\r\nAuthorization: Bearer t-1")
    pools = [ConnectionPool(calls.origin, context) for _ in range(told.connections)]
    await Loop(told).run([partial(_answer, pool, request) for pool in pools])
    for pool in pools:
        pool.close()


if __name__ == "__main__":
    uvloop.run(main(Told.by_command_line()))
