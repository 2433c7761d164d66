"""The connections of one actor: usually one, and two while two clicks are under way at the same moment."""

import asyncio
import ssl
import time
from functools import partial
from weakref import WeakKeyDictionary

from pytest_examday.load.http_connection import Connection, Shared, Unsent
from pytest_examday.load.request import Origin
from pytest_examday.load.response import Broken, Response

_CLOCK_GRAIN_SECONDS = 0.002
"""Added to a wait: event loops count in milliseconds, so that it could end up to this much too early."""

_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Shared] = WeakKeyDictionary()


class ConnectionPool:
    """Keeps connections open between requests, as a browser does, and opens another one if all are busy."""

    __slots__ = ("_busy", "_closed", "_context", "_idle", "_origin")

    def __init__(self, origin: Origin, context: ssl.SSLContext) -> None:
        self._origin = origin
        self._context = context if origin.tls else None
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._closed = False

    async def send(self, request: bytes, deadline: float) -> tuple[Response, float]:
        """Send the request once. If a kept connection ends before anything is sent, another connection is used.

        Returns the reply and the moment at which it was complete; redirects are not followed. That moment and
        `deadline` are values of `time.perf_counter`. Raises Broken if no whole reply came, TimeoutError if none came
        before the deadline; connecting counts too.
        """
        while True:
            kept = self._kept()
            connection = kept or await self._connect(deadline)
            self._busy.add(connection)
            try:
                response = await connection.exchange(request, deadline)
            except Unsent:
                if kept is None:
                    raise
                continue
            finally:
                self._busy.discard(connection)
            self._keep(connection)
            return response, connection.ended

    def close(self) -> None:
        """Drop all connections; requests under way are broken."""
        self._closed = True
        for connection in self._busy:
            connection.abort()
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def _keep(self, connection: Connection) -> None:
        """Keep one idle connection and close the others: otherwise each double click would leave an unused one open."""
        if connection.reusable and not self._idle:
            self._idle.append(connection)
        else:
            connection.close()

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.fresh:
                return connection
            connection.close()
        return None

    async def _connect(self, deadline: float) -> Connection:
        if self._closed:
            raise Broken("closed before the request was sent")
        async with asyncio.timeout(deadline - time.perf_counter() + _CLOCK_GRAIN_SECONDS):
            connection = await self._opened()
        if self._closed:
            connection.abort()
            raise Broken("closed while connecting")
        return connection

    async def _opened(self) -> Connection:
        loop, host, port = asyncio.get_running_loop(), self._origin.host, self._origin.port
        make_connection, name = partial(Connection, _shared_of(loop)), host if self._context else None
        try:
            _, connection = await loop.create_connection(
                make_connection, host, port, ssl=self._context, server_hostname=name
            )
        except (OSError, UnicodeError) as problem:  # UnicodeError: a name that cannot be looked up
            raise Broken(str(problem)) from problem
        return connection


def _shared_of(loop: asyncio.AbstractEventLoop) -> Shared:
    shared = _of_loops.get(loop)
    if shared is None:
        shared = _of_loops[loop] = Shared()
    return shared
