"""A pool that never recovers: once the database was away, it has no connection for anybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from fastapi import FastAPI
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg_pool import PoolTimeout

from pytest_examday.platform.app import build_app
from pytest_examday.platform.database import Database
from pytest_examday.platform.services import Parts
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


def create_app(settings: Settings) -> FastAPI:
    """The platform that needs a restart after its database had one."""
    return build_app(settings, Parts(database=DeadPoolDatabase))
