"""A worker that starts if the database is slow or away."""

import asyncio

import pytest
from psycopg_pool import PoolTimeout

from pytest_examday.local_servers import ports
from pytest_examday.platform.database import Database
from pytest_examday.platform.settings import Settings


async def _ask(settings: Settings) -> None:
    database = Database(settings)
    await database.open()
    try:
        async with database.queries() as queries:
            await queries.one("SELECT 1")
    finally:
        await database.close()


def test_a_worker_without_database_at_its_start_goes_on_asking_for_it() -> None:
    """PoolTimeout: no connection came in time. A pool that has closed itself would say PoolClosed, for ever."""
    settings = Settings(
        worker="worker-1",
        host="127.0.0.1",
        port=0,
        exam_mode=True,
        database_url=f"postgresql://nobody@127.0.0.1:{ports.pick()}/nothing",
        redis_url="",
        jwt_secret="",
        pool_timeout_seconds=1,
    )
    with pytest.raises(PoolTimeout):
        asyncio.run(_ask(settings))
