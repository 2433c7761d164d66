"""One HTTP connection to the platform: sends a request and reads its reply."""

import asyncio
import select
import time
from dataclasses import dataclass, field
from typing import cast

from pytest_examday.load.deadlines import NEVER, Deadlines
from pytest_examday.load.outbox import Outbox
from pytest_examday.load.response import Broken, Incoming, Response

_IDLE_SECONDS = 0.05
"""A connection whose last reply came less than this ago is taken to be open: only after a longer silence can its end
have arrived unseen, unless the event loop lags as much."""


class Unsent(Broken):
    """The connection ended before any byte of the request was sent, so that the request may be sent on another one."""


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What all connections of one event loop share."""

    deadlines: Deadlines = field(default_factory=Deadlines)
    outbox: Outbox = field(default_factory=Outbox)


class Connection(asyncio.Protocol):
    """Carries one request at a time; a request is never sent twice.

    The time that a request takes here limits how many a generator can send, and a client library takes several times as
    long (`docs/benchmarks.md`). So bytes go straight to the transport, and pieces of the reply straight to the parser.

    `ended` is when the last exchange ended (`time.perf_counter`).
    """

    __slots__ = (
        "_incoming",
        "_reply",
        "_request",
        "_reusable",
        "_shared",
        "_transport",
        "deadline",
        "ended",
        "watched",
    )

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._request = b""
        self._transport: asyncio.Transport | None = None
        self._incoming = Incoming()
        self._reply: asyncio.Future[Response | Broken | TimeoutError] | None = None
        self._reusable = False
        self.deadline, self.ended = NEVER, 0.0
        self.watched = False

    @property
    def reusable(self) -> bool:
        """Whether the last reply left the connection ready for another request."""
        return self._reusable and self._transport is not None and not self._transport.is_closing()

    @property
    def fresh(self) -> bool:
        """Whether a kept connection is still open, as far as this machine knows.

        After a while of silence the end of the connection may have arrived before the event loop has read it, so the
        socket itself is asked.
        """
        return self.reusable and (time.perf_counter() - self.ended < _IDLE_SECONDS or not self._has_input())

    async def exchange(self, request: bytes, deadline: float) -> Response:
        """Send the request and wait for its reply until the deadline (`time.perf_counter`).

        Raises Unsent or Broken if no whole reply came, TimeoutError if none came in time; the connection is then
        dropped.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise Unsent("closed before the request was sent")
        self._reusable = False
        self._reply = reply = asyncio.get_running_loop().create_future()
        self._request = request  # emptied by `dispatch`: if the connection ends before, the request is unsent
        self.deadline = deadline
        shared = self._shared
        if not self.watched:
            shared.deadlines.watch(self)
        shared.outbox.post(self)
        try:
            end = await reply
        except BaseException:  # cancelled: even a reply that came at this moment has no reader
            transport.abort()
            raise
        finally:
            self._reply = None
            self.deadline = NEVER
        if not self._reusable:
            transport.abort()
        if isinstance(end, Response):
            return end
        raise end

    def dispatch(self) -> None:
        """Send the request, unless the exchange has ended before."""
        if self._waiting and self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._request)
        self._request = b""

    def expire(self) -> None:
        """End the exchange: the reply did not come in time."""
        if self._waiting:
            self._settle(TimeoutError())

    def close(self) -> None:
        """Close an idle connection in the ordinary way."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drop the connection at once; a request that is under way ends as Broken."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected, TLS included."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """A piece of the reply. Bytes that nobody asked for, such as a 408 on an idle connection, end the
        connection."""
        reply = self._reply
        if self._request or reply is None or reply.done():
            self._end()
            self.abort()
            return
        try:
            response = self._incoming.feed(data)
        except Broken as problem:
            self._settle(problem)
        else:
            if response is not None:
                self._reusable = self._incoming.reusable
                self.ended = time.perf_counter()
                reply.set_result(response)

    def eof_received(self) -> None:
        """The server sends no more. A reply without a length ends in this way."""
        self._end()

    def connection_lost(self, problem: Exception | None) -> None:
        """The connection has ended, for whatever reason."""
        self._transport = None
        self._end(problem)
        self._incoming.close()

    def _end(self, problem: Exception | None = None) -> None:
        """Nothing more comes: end the exchange with the reply if it is complete, otherwise with the reason why there is
        none."""
        self._reusable = False
        if not self._waiting:
            return
        if self._request:
            self._settle(Unsent("closed before the request was sent"))
        else:
            self._settle(_ended(self._incoming) if problem is None else Broken(str(problem)))

    @property
    def _waiting(self) -> bool:
        return self._reply is not None and not self._reply.done()

    def _settle(self, end: Response | Broken | TimeoutError) -> None:
        self.ended = time.perf_counter()
        if self._reply is not None:
            self._reply.set_result(end)

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
