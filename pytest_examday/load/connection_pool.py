"""An actor's connections: one as a rule, two where two clicks are under way at the same moment."""

import asyncio
import ssl
import time
from functools import partial
from weakref import WeakKeyDictionary

from pytest_examday.load.request import Origin
from pytest_examday.load.response import Broken, Response
from pytest_examday.load.wire import Connection, Shared, Unsent

_CLOCK_GRAIN_SECONDS = 0.002
"""Event loops count in milliseconds: by so much a wait could end too early."""

_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Shared] = WeakKeyDictionary()


class ConnectionPool:
    """Keeps connections open between requests, as a browser does, and opens one where all are busy."""

    __slots__ = ("_busy", "_closed", "_context", "_idle", "_origin")

    def __init__(self, origin: Origin, context: ssl.SSLContext) -> None:
        self._origin = origin
        self._context = context if origin.tls else None
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._closed = False

    async def send(self, request: bytes, deadline: float) -> tuple[Response, float]:
        """Send once, over another connection where the kept one ends before that.

        Returns the answer, redirects as they are, and when it was there; the deadline and that moment are of
        `time.perf_counter`. Raises Broken where no whole answer came, TimeoutError where none came in time,
        connecting included.
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
        """One is kept: after a double click thousands of actors would each hold a second one that nobody uses."""
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
        made, name = partial(Connection, _shared_of(loop)), host if self._context else None
        try:
            _, connection = await loop.create_connection(made, host, port, ssl=self._context, server_hostname=name)
        except (OSError, UnicodeError) as problem:  # UnicodeError: a name that cannot be looked up
            raise Broken(str(problem)) from problem
        return connection


def _shared_of(loop: asyncio.AbstractEventLoop) -> Shared:
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = Shared()
    return found
