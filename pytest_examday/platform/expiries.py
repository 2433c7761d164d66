"""Expires all access tokens at once, as an operator does, or as a changed signing key would.

Each expiry has a number. A token carries the number of the last expiry before it was issued, and workers refuse tokens
with a number below that of the last expiry. Numbers are used because times cannot tell: ``iat`` has whole seconds, and
the clocks of machines differ.

The number of an expiry is the id of its row in ``job_runs``, so it survives a restart of workers, Redis and everything
else, and all workers read the same one. Each worker reads the last number four times a second on a connection of its
own: requests need no query, and an exhausted pool does not keep tokens valid.
"""

import asyncio
from contextlib import suppress

import psycopg

from pytest_examday.platform.settings import Settings

JOB = "expire_tokens"
EVERYWHERE_SECONDS = 1.0
"""The time after which every worker that reaches the database refuses the tokens issued before."""
LAST_EXPIRY = "SELECT coalesce(max(id), 0) FROM job_runs WHERE name = 'expire_tokens' AND outcome = 'done'"
_ASK_SECONDS = 0.25
_CONNECT_SECONDS = 3
_CLOSE_SECONDS = 0.5


class Expiries:
    """The number of the last expiry that this worker knows; 0 if there was none, or the database was not reached
    yet."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asking: asyncio.Task[None] | None = None
        self.last = 0

    async def open(self) -> None:
        """Read the number once, so that a restarted worker knows it before its first request; then go on reading it."""
        first_reply = asyncio.Event()
        self._asking = asyncio.create_task(self._ask(first_reply))
        with suppress(TimeoutError):  # a database that is away does not keep the worker from starting
            await asyncio.wait_for(first_reply.wait(), _CONNECT_SECONDS)

    async def close(self) -> None:
        """Stop reading."""
        if self._asking is not None:
            self._asking.cancel()
            # Not awaited for long: on a database that hangs, the cancellation takes its time.
            await asyncio.wait({self._asking}, timeout=_CLOSE_SECONDS)

    async def _ask(self, first_reply: asyncio.Event) -> None:
        """Read the number until the worker ends, also after errors of the database."""
        while True:
            with suppress(psycopg.Error):  # the database is away: requests fail by themselves, and tokens stay valid
                async with await self._connect() as connection:
                    while True:
                        self.last = await _last(connection)
                        first_reply.set()
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
