"""PostgreSQL for the workers: a bounded connection pool that recovers by itself and measures its statements."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.platform import metrics
from pytest_examday.platform.context import current_request, request_id
from pytest_examday.platform.settings import Settings

SLOW_SECONDS = 0.1
_WARM_SECONDS = 2.0
_GIVE_UP_SECONDS = 1.0
_REVIVE_SECONDS = 0.5
_OPTIONS = "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=15s"

Parameters = Sequence[object] | Mapping[str, object]


class Queries:
    """Runs statements on one connection. A statement of 100 ms or more is logged, without its values."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        self._connection = connection

    async def one(self, statement: LiteralString, parameters: Parameters = ()) -> DictRow | None:
        """The first row, or None."""
        with timed(statement):
            return await (await self._connection.execute(statement, parameters)).fetchone()

    async def all(self, statement: LiteralString, parameters: Parameters = ()) -> list[DictRow]:
        """All rows."""
        with timed(statement):
            return await (await self._connection.execute(statement, parameters)).fetchall()

    async def run(self, statement: LiteralString, parameters: Parameters = ()) -> int:
        """Run the statement; returns the number of rows that were affected."""
        with timed(statement):
            return (await self._connection.execute(statement, parameters)).rowcount


@contextmanager
def timed(statement: str) -> Iterator[None]:
    """Add the time of the block to the current request; log the statement if it took 100 ms or more."""
    started = time.perf_counter()
    try:
        yield
    finally:
        elapsed = time.perf_counter() - started
        context = current_request.get()
        if context is not None:
            context.db_seconds += elapsed
        if elapsed >= SLOW_SECONDS:
            text = " ".join(statement.split())
            fields = {"ms": round(elapsed * 1000, 1), "statement": text, "request_id": request_id()}
            log_event(logging.WARNING, "slow_sql", **fields)


class Database:
    """A worker's connection pool, with the metrics of its use."""

    def __init__(self, settings: Settings) -> None:
        self._timeout = float(settings.pool_timeout_seconds)
        self._in_use = 0
        self._peak = 0
        self._late: set[asyncio.Task[bool]] = set()
        self._reviving: asyncio.Task[None] | None = None
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            settings.database_url,
            min_size=settings.pool_size,
            max_size=settings.pool_limit,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "connect_timeout": 3,
                "application_name": settings.worker,
                "options": _OPTIONS,
            },
            open=False,
            reconnect_timeout=_GIVE_UP_SECONDS,
            reconnect_failed=self._on_reconnect_failed,
        )
        metrics.POOL_MAX.set(settings.pool_limit)
        metrics.POOL_LIMIT.set(settings.pool_limit)

    async def open(self) -> None:
        """Start to connect. The worker starts even if the database cannot be reached."""
        await self._pool.open()
        try:
            async with asyncio.timeout(_WARM_SECONDS):
                # If the pool's own time is up, it closes itself for good.
                await self._pool.wait(timeout=2 * _WARM_SECONDS)
        except TimeoutError:
            log_event(logging.WARNING, "database_unavailable", op="start")
        self._count(0)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    async def ping(self, seconds: float) -> bool:
        """Whether a statement succeeds within ``seconds``."""
        probe = asyncio.create_task(self._probe(seconds))
        done, _ = await asyncio.wait({probe}, timeout=seconds)
        if not done:
            # Not awaited: on a database that hangs, the cancellation takes its time too.
            probe.cancel()
            self._late.add(probe)
            probe.add_done_callback(self._late.discard)
        return bool(done) and probe.result()

    async def _probe(self, seconds: float) -> bool:
        try:
            async with self._connection(seconds) as connection:
                await Queries(connection).one("SELECT 1")
        except psycopg.Error:
            return False
        return True

    @asynccontextmanager
    async def queries(self) -> AsyncIterator[Queries]:
        """A connection whose statements each commit by themselves. Raises PoolTimeout if no connection is free in
        time."""
        async with self._connection() as connection:
            yield Queries(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Queries]:
        """A connection whose statements commit together when the block ends, and roll back if it raises."""
        async with self._connection() as connection:
            work = connection.transaction()
            await work.__aenter__()
            try:
                yield Queries(connection)
            except BaseException as error:
                await work.__aexit__(type(error), error, error.__traceback__)
                raise
            with timed("COMMIT"):
                await work.__aexit__(None, None, None)

    @asynccontextmanager
    async def _connection(self, seconds: float | None = None) -> AsyncIterator[AsyncConnection[DictRow]]:
        connection = await self._acquire(self._timeout if seconds is None else seconds)
        self._count(+1)
        try:
            yield connection
        finally:
            self._count(-1)
            await self._pool.putconn(connection)

    async def _acquire(self, seconds: float) -> AsyncConnection[DictRow]:
        """A connection that answers. The pool's own check would wait a second after each dead connection."""
        deadline = time.monotonic() + seconds
        metrics.POOL_WAITING.inc()
        try:
            while True:
                connection = await self._pool.getconn(timeout=max(deadline - time.monotonic(), 0.001))
                if await self._answers(connection):
                    return connection
        finally:
            metrics.POOL_WAITING.dec()

    async def _answers(self, connection: AsyncConnection[DictRow]) -> bool:
        try:
            await AsyncConnectionPool.check_connection(connection)
        except psycopg.Error:
            await self._pool.putconn(connection)
            return False
        except BaseException:
            await self._pool.putconn(connection)
            raise
        return True

    def _count(self, step: int) -> None:
        self._in_use += step
        self._peak = max(self._peak, self._in_use)
        metrics.POOL_IN_USE.set(self._in_use)
        metrics.POOL_PEAK.set(self._peak)
        metrics.POOL_SIZE.set(self._pool.get_stats()["pool_size"])

    async def _on_reconnect_failed(self, _pool: object) -> None:
        if self._reviving is None or self._reviving.done():
            self._reviving = asyncio.create_task(self._revive())

    async def _revive(self) -> None:
        """Ask the pool for a connection again and again: a pool that has given up reconnects only when it is asked."""
        try:
            await self._pool.putconn(await self._pool.getconn(timeout=_REVIVE_SECONDS))
        except psycopg.Error as error:
            log_event(logging.WARNING, "database_unavailable", op="reconnect", reason=type(error).__name__)
