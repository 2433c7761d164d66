"""A candidate's connections: one as a rule, two where two clicks are under way at the same moment."""

import asyncio
import ssl
from typing import Any

from pytest_examday.load.request import Origin, encode
from pytest_examday.load.response import Broken, Response
from pytest_examday.load.wire import Connection


class Pool:
    """Keeps connections open between requests, as a browser does, and opens one where all are busy."""

    def __init__(self, origin: Origin, context: ssl.SSLContext) -> None:
        self._origin = origin
        self._context = context if origin.tls else None
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._closed = False

    async def send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Response:
        """Send once and return the answer, redirects as they are.

        Raises Unsendable where the request cannot be put into HTTP, Broken where no whole answer came.
        """
        request = encode(self._origin, method, path, headers, body)
        connection = self._kept() or await self._connect()
        self._busy.add(connection)
        try:
            response = await connection.exchange(request)
        finally:
            self._busy.discard(connection)
        if connection.reusable:
            self._idle.append(connection)
        return response

    def close(self) -> None:
        """Drop all connections; requests under way are broken."""
        self._closed = True
        for connection in self._busy:
            connection.abort()
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.fresh:
                return connection
            connection.close()
        return None

    async def _connect(self) -> Connection:
        host = self._origin.host
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection, host, self._origin.port, ssl=self._context, server_hostname=host if self._context else None
            )
        except (OSError, UnicodeError) as problem:  # UnicodeError: a name that cannot be looked up
            raise Broken(str(problem)) from problem
        if self._closed:
            connection.abort()
            raise Broken("closed while connecting")
        return connection
