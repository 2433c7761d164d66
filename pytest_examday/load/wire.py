"""One connection to the platform: a request out, its answer in."""

import asyncio
import select
from typing import cast

from pytest_examday.load.response import Broken, Incoming, Response


class Connection(asyncio.Protocol):
    """Carries one request at a time; a request is never sent twice."""

    __slots__ = ("_answer", "_incoming", "_reusable", "_transport")

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._incoming: Incoming | None = None
        self._answer: asyncio.Future[Response | Broken] | None = None
        self._reusable = False

    @property
    def reusable(self) -> bool:
        """Whether the last answer left the connection ready for another request."""
        return self._reusable and self._transport is not None and not self._transport.is_closing()

    @property
    def fresh(self) -> bool:
        """Whether a kept connection is still there, as far as this machine knows: the end of it may have arrived
        without the event loop having seen it yet."""
        return self.reusable and not self._has_input()

    async def exchange(self, request: bytes) -> Response:
        """Send the request and await its answer; the connection is dropped where none came or the wait ended.

        Raises Broken where no whole answer came.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise Broken("closed before the request was sent")
        self._reusable = False
        self._incoming = Incoming()
        self._answer = asyncio.get_running_loop().create_future()
        transport.write(request)
        try:
            end = await self._answer
        except BaseException:  # nobody waits any more, though the answer may have come at the same moment
            transport.abort()
            raise
        finally:
            self._incoming = self._answer = None
        if not self._reusable:
            transport.abort()
        if isinstance(end, Broken):
            raise end
        return end

    def close(self) -> None:
        """End an idle connection politely."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once; a request under way is broken."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected, TLS included."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """A piece of the answer; what nobody asked for (a server's farewell) ends the connection."""
        incoming = self._incoming
        if incoming is None:
            self._reusable = False
            self.abort()
            return
        try:
            response = incoming.feed(data)
        except Broken as problem:
            self._settle(problem)
        else:
            if response is not None:
                self._reusable = incoming.reusable
                self._settle(response)

    def eof_received(self) -> None:
        """The server sends no more, which may be the end of an answer without a length."""
        self._reusable = False
        if self._incoming is not None:
            self._settle(_ended(self._incoming))

    def connection_lost(self, problem: Exception | None) -> None:
        """Gone, for whatever reason."""
        self._transport = None
        self._reusable = False
        if self._incoming is not None:
            self._settle(_ended(self._incoming) if problem is None else Broken(str(problem)))

    def _settle(self, end: Response | Broken) -> None:
        self._incoming = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(end)

    def _has_input(self) -> bool:
        if self._transport is None:
            return False
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))


def _ended(incoming: Incoming) -> Response | Broken:
    try:
        return incoming.end()
    except Broken as problem:
        return problem
