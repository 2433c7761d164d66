"""The built-in engine's connections alone: no deadline, no classification, no samples."""

import json
import ssl
from functools import partial

import uvloop

from benchmarks.generators.candidates import VALUES
from benchmarks.generators.figures import Loop
from pytest_examday.load.pool import Pool
from pytest_examday.load.request import Origin


async def _answer(pool: Pool) -> bool:
    response = await pool.send("POST", "/v1/sessions/s-1/answers", {"Authorization": "Bearer t-1"}, VALUES)
    return response.status == 200 and bool(json.loads(response.body))


async def main() -> None:
    """One pool for each connection."""
    loop, context = Loop.told(), ssl.create_default_context()
    pools = [Pool(Origin.of(loop.url), context) for _ in range(loop.connections)]
    await loop.run([partial(_answer, pool) for pool in pools])
    for pool in pools:
        pool.close()


if __name__ == "__main__":
    uvloop.run(main())
