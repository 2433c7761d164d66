"""PostgreSQL for the service's processes: connections that see the rows of one company."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from pytest_examday.webhook_service import metrics

Connection = AsyncConnection[DictRow]
Row = dict[str, Any]

# The last one lets a killed process lose its locks even while it waits for one.
_OPTIONS = (
    "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=15s "
    "-c client_connection_check_interval=1s"
)
_SCOPE = "SELECT set_config('app.company_id', %s, true)"
_WAIT_SECONDS = 5.0
_WARM_SECONDS = 2.0
_GIVE_UP_SECONDS = 1.0


class Database:
    """The connections of one process and one role."""

    def __init__(self, url: str, size: int, name: str) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            timeout=_WAIT_SECONDS,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "connect_timeout": 3,
                "application_name": name,
                "options": _OPTIONS,
            },
            check=AsyncConnectionPool.check_connection,
            open=False,
            reconnect_timeout=_GIVE_UP_SECONDS,  # what asks for a connection later makes it try again
        )
        metrics.POOL_MAX.labels(name).set(size)
        self._name = name
        self._in_use = 0

    async def open(self) -> None:
        """Start to connect. The process starts even if the database cannot be reached."""
        await self._pool.open()
        try:
            async with asyncio.timeout(_WARM_SECONDS):
                await self._pool.wait(timeout=2 * _WARM_SECONDS)
        except TimeoutError:
            return

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self, seconds: float = _WAIT_SECONDS) -> AsyncIterator[Connection]:
        """A connection whose statements each commit by themselves. Raises PoolTimeout if none is free in time."""
        async with self._pool.connection(timeout=seconds) as connection:
            self._in_use += 1
            self._measure()
            try:
                yield connection
            finally:
                self._in_use -= 1
                self._measure()

    @asynccontextmanager
    async def company(self, company: UUID) -> AsyncIterator[Connection]:
        """A transaction, on a connection of its own, that sees and writes the rows of one company."""
        async with self.connection() as connection, as_company(connection, company):
            yield connection

    async def answers(self, seconds: float) -> bool:
        """Whether the database, with the tables of the last migration, answers within `seconds`."""
        try:
            async with asyncio.timeout(seconds), self.connection(seconds) as connection:
                row = await one(connection, "SELECT to_regclass('recovery_overview') IS NOT NULL AS migrated")
        except (psycopg.Error, TimeoutError):
            return False
        return bool(row and row["migrated"])

    def _measure(self) -> None:
        metrics.POOL_SIZE.labels(self._name).set(self._pool.get_stats()["pool_size"])
        metrics.POOL_IN_USE.labels(self._name).set(self._in_use)


@asynccontextmanager
async def as_company(connection: Connection, company: UUID) -> AsyncIterator[None]:
    """A transaction that sees and writes the rows of one company."""
    async with connection.transaction():
        await connection.execute(_SCOPE, (str(company),))
        yield


async def one(connection: Connection, statement: LiteralString, values: tuple[object, ...] = ()) -> Row | None:
    """The first row, or None."""
    return await (await connection.execute(statement, values)).fetchone()


async def every(connection: Connection, statement: LiteralString, values: tuple[object, ...] = ()) -> list[Row]:
    """All rows."""
    return await (await connection.execute(statement, values)).fetchall()
