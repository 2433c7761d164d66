"""Workers that take one late heartbeat for the end: long after the cause is gone they still serve nobody."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg_pool import PoolTimeout

from pytest_examday.platform.database import Database
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_EVERY_SECONDS = 0.2
_LATE_SECONDS = 0.8
_AWAY_SECONDS = 8.0
"""Longer than the recovery that the defects' platform is allowed, shorter than a candidate's patience."""


class NervousDatabase(Database):
    """Gives nobody a connection for a while after a heartbeat through the pool was late, whatever made it so."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._away_until = 0.0
        self._beating: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, and begin to listen to the heart."""
        await super().open()
        self._beating = asyncio.create_task(self._beat())

    async def close(self) -> None:
        """End of both."""
        if self._beating is not None:
            self._beating.cancel()
        await super().close()

    async def _beat(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await self.ping(10 * _LATE_SECONDS)
            now = time.monotonic()
            if now - last > _LATE_SECONDS:
                self._away_until = now + _AWAY_SECONDS
            last = now

    @asynccontextmanager
    async def _connection(self, seconds: float | None = None) -> AsyncIterator[AsyncConnection[DictRow]]:
        """PoolTimeout while the worker keeps itself away."""
        if time.monotonic() < self._away_until:
            raise PoolTimeout("away for a late heartbeat")
        async with super()._connection(seconds) as connection:
            yield connection


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Workers that are slow to trust again."""
    return replace(parts, database=NervousDatabase)
