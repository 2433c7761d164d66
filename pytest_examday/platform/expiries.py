"""All access tokens ended at once: what an operator does, or what a changed signing key does to an exam.

A token carries the number of the last such act, as the database told it when the token was made; a worker refuses
every token with an earlier number. Numbers and not times: `iat` is in whole seconds and the clocks of several machines
differ, so that of two tokens of one second nobody could tell which one was meant. The rows of ``job_runs`` are the
numbers, because the run of the job is the fact: they outlive workers, Redis and a restart of everything, and every
worker of every container reads the same. Each worker asks four times a second, on a connection of its own: a request
pays nothing, and a pool that is exhausted does not keep tokens alive.
"""

import asyncio
from contextlib import suppress

import psycopg

from pytest_examday.platform.settings import Settings

JOB = "expire_tokens"
EVERYWHERE_SECONDS = 1.0
"""After which every worker that reaches the database refuses the tokens from before."""
LAST_EXPIRY = "SELECT coalesce(max(id), 0) FROM job_runs WHERE name = 'expire_tokens' AND outcome = 'done'"
_ASK_SECONDS = 0.25
_CONNECT_SECONDS = 3
_CLOSE_SECONDS = 0.5


class Expiries:
    """The number of the last expiry that this worker knows; 0 where there was none, or nobody could be asked yet."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asking: asyncio.Task[None] | None = None
        self.last = 0

    async def open(self) -> None:
        """Ask once, so that a worker that was started again knows before its first request; then go on asking."""
        asked = asyncio.Event()
        self._asking = asyncio.create_task(self._ask(asked))
        with suppress(TimeoutError):  # a database that is away does not keep the worker from starting
            await asyncio.wait_for(asked.wait(), _CONNECT_SECONDS)

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            # Not awaited for long: on a database that hangs, the cancellation takes its time.
            await asyncio.wait({self._asking}, timeout=_CLOSE_SECONDS)

    async def _ask(self, asked: asyncio.Event) -> None:
        """For as long as the worker lives, whatever the database does meanwhile."""
        while True:
            with suppress(psycopg.Error):  # it is away: requests say so, and tokens stay as they are
                async with await self._connect() as connection:
                    while True:
                        self.last = await _last(connection)
                        asked.set()
                        await asyncio.sleep(_ASK_SECONDS)
            await asyncio.sleep(_ASK_SECONDS)

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            self._settings.database_url,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            application_name=self._settings.worker,
        )


async def _last(connection: psycopg.AsyncConnection) -> int:
    row = await (await connection.execute(LAST_EXPIRY)).fetchone()
    return 0 if row is None else int(row[0])
