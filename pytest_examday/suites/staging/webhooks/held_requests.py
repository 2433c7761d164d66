"""Sends requests over a connection each, and holds back the last byte of all until every other byte was sent."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import cast

from pytest_examday.load.request import Origin
from pytest_examday.load.response import Broken, Incoming, Response

End = Response | Broken | TimeoutError


class HeldRequests:
    """One group of requests. The service cannot begin with any of them before it has the last byte, so it begins with
    all of them at the same moment."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self.at_once = 0
        """How many connections had sent all but the last byte before any had sent the last."""

    async def send(self, requests: Sequence[bytes], origin: Origin, context: ssl.SSLContext | None) -> list[End]:
        """The replies, in the order of the requests, or why there are none."""
        opening = [self._hold(request, origin, context) for request in requests]
        held: list[_Held | Broken] = await asyncio.gather(*opening)
        waiting = [one for one in held if isinstance(one, _Held) and not one.end.done()]
        self.at_once = len(waiting)
        for one in waiting:
            one.release()
        ends = [one.end if isinstance(one, _Held) else _ended(one) for one in held]
        await asyncio.wait(ends, timeout=self._timeout)
        for connected in held:
            if isinstance(connected, _Held):
                connected.abandon()
        return [end.result() for end in ends]

    async def _hold(self, request: bytes, origin: Origin, context: ssl.SSLContext | None) -> "_Held | Broken":
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                _, held = await loop.create_connection(lambda: _Held(request), origin.host, origin.port, ssl=context)
        except (OSError, TimeoutError) as problem:
            return Broken(str(problem) or "no connection in time")
        return held


class _Held(asyncio.Protocol):
    """A connection that has sent its request but the last byte. `end` is its reply, or why there is none."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._incoming = Incoming()
        self._transport: asyncio.Transport | None = None
        self.end: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send all but the last byte."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request[:-1])

    def release(self) -> None:
        """Send the last byte."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._request[-1:])

    def abandon(self) -> None:
        """Close the connection; what has no reply by now gets none."""
        self._settle(TimeoutError("no reply in time"))
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """A piece of the reply."""
        try:
            response = self._incoming.feed(data)
        except Broken as problem:
            self._settle(problem)
        else:
            if response is not None:
                self._settle(response)

    def eof_received(self) -> None:
        """The server sends no more. A reply without a length ends in this way."""
        try:
            self._settle(self._incoming.end())
        except Broken as problem:
            self._settle(problem)

    def connection_lost(self, problem: Exception | None) -> None:
        """The connection has ended."""
        self._transport = None
        self._settle(Broken(str(problem) if problem else "closed before the reply was whole"))
        self._incoming.close()

    def _settle(self, end: End) -> None:
        if not self.end.done():
            self.end.set_result(end)


def _ended(end: End) -> "asyncio.Future[End]":
    future: asyncio.Future[End] = asyncio.get_running_loop().create_future()
    future.set_result(end)
    return future
