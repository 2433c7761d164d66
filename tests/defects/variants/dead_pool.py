"""A pool that never recovers: once the database was away, it has no connection for anybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg_pool import PoolTimeout

from pytest_examday.platform.database import Database
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


class DeadPoolDatabase(Database):
    """Broken by the first connection that breaks."""

    _broken = False

    async def _answers(self, connection: AsyncConnection[DictRow]) -> bool:
        answers = await super()._answers(connection)
        self._broken = self._broken or not answers
        return answers

    @asynccontextmanager
    async def _connection(self, seconds: float | None = None) -> AsyncIterator[AsyncConnection[DictRow]]:
        """PoolTimeout for ever after."""
        try:
            async with super()._connection(seconds) as connection:
                if self._broken:
                    raise PoolTimeout("no connection is left")
                yield connection
        except psycopg.OperationalError:
            self._broken = True
            raise


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A pool that needs a restart after its database had one."""
    return replace(parts, database=DeadPoolDatabase)
