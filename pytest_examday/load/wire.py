"""One connection to the platform: a request out, its answer in."""

import asyncio
import select
import time
from dataclasses import dataclass, field
from typing import cast

from pytest_examday.load.deadlines import NEVER, Deadlines
from pytest_examday.load.outbox import Outbox
from pytest_examday.load.response import Broken, Incoming, Response

_IDLE_SECONDS = 0.05
"""Of a connection that answered less than this ago the event loop knows all there is, unless it lags that much."""


class Unsent(Broken):
    """The connection ended before anything of the request was sent."""


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What all connections of one event loop share."""

    deadlines: Deadlines = field(default_factory=Deadlines)
    outbox: Outbox = field(default_factory=Outbox)


class Connection(asyncio.Protocol):
    """Carries one request at a time; a request is never sent twice.

    What a request costs here is what a generator cannot send: a client library takes several times as long
    (`docs/benchmarks.md`). So bytes go to the transport, and pieces of the answer to the parser, with nothing between.

    `ended` is when the last answer, or the reason why there is none, was there (`time.perf_counter`).
    """

    __slots__ = (
        "_answer",
        "_incoming",
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
        self._answer: asyncio.Future[Response | Broken | TimeoutError] | None = None
        self._reusable = False
        self.deadline, self.ended = NEVER, 0.0
        self.watched = False

    @property
    def reusable(self) -> bool:
        """Whether the last answer left the connection ready for another request."""
        return self._reusable and self._transport is not None and not self._transport.is_closing()

    @property
    def fresh(self) -> bool:
        """Whether a kept connection is still there, as far as this machine knows: after a while of silence the end
        of it may have arrived without the event loop having seen it yet."""
        return self.reusable and (time.perf_counter() - self.ended < _IDLE_SECONDS or not self._has_input())

    async def exchange(self, request: bytes, deadline: float) -> Response:
        """Send the request and await its answer until the deadline (`time.perf_counter`); the connection is dropped
        where none came or the wait ended.

        Raises Unsent or Broken where no whole answer came, TimeoutError where it did not come in time.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise Unsent("closed before the request was sent")
        self._reusable = False
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._request = request  # not empty until it is on the wire: an end that comes before leaves it unsent
        self.deadline = deadline
        shared = self._shared
        if not self.watched:
            shared.deadlines.watch(self)
        shared.outbox.post(self)
        try:
            end = await answer
        except BaseException:  # nobody waits any more, though the answer may have come at the same moment
            transport.abort()
            raise
        finally:
            self._answer = None
            self.deadline = NEVER
        if not self._reusable:
            transport.abort()
        if isinstance(end, Response):
            return end
        raise end

    def dispatch(self) -> None:
        """Put the request on the wire, unless its end has come before that."""
        if self._waiting and self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._request)
        self._request = b""

    def expire(self) -> None:
        """The answer did not come in time."""
        if self._waiting:
            self._settle(TimeoutError())

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
        answer = self._answer
        if self._request or answer is None or answer.done():
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
                answer.set_result(response)

    def eof_received(self) -> None:
        """The server sends no more, which may be the end of an answer without a length."""
        self._end()

    def connection_lost(self, problem: Exception | None) -> None:
        """Gone, for whatever reason."""
        self._transport = None
        self._end(problem)
        self._incoming.close()

    def _end(self, problem: Exception | None = None) -> None:
        """Nothing more comes; whoever waits learns what that makes of the answer."""
        self._reusable = False
        if not self._waiting:
            return
        if self._request:
            self._settle(Unsent("closed before the request was sent"))
        else:
            self._settle(_ended(self._incoming) if problem is None else Broken(str(problem)))

    @property
    def _waiting(self) -> bool:
        return self._answer is not None and not self._answer.done()

    def _settle(self, end: Response | Broken | TimeoutError) -> None:
        self.ended = time.perf_counter()
        if self._answer is not None:
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
