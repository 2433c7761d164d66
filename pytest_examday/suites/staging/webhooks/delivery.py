"""Sends webhooks: one at a time, several over a pool, or duplicates at the same moment."""

import asyncio
import ssl
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.request import Origin, Unsendable, header_line, target
from pytest_examday.load.response import Broken
from pytest_examday.suites.staging.webhooks.held_requests import HeldRequests
from pytest_examday.suites.staging.webhooks.reply import Delivered, Statuses, delivered, undelivered
from pytest_examday.suites.staging.webhooks.webhook import Request

_Result = TypeVar("_Result")
_AT_A_TIME = 16
"""Different webhooks that are under way at the same time."""


@dataclass(frozen=True)
class Burst:
    """Requests that were sent at the same moment."""

    replies: tuple[Delivered, ...]
    at_once: int
    """How many of them had sent all but the last byte before any had sent the last."""


class Delivery(AbstractContextManager["Delivery"]):
    """Sends requests to the service and counts them. It follows no redirect."""

    def __init__(self, statuses: Statuses, timeout_seconds: float) -> None:
        self._statuses = statuses
        self._timeout = timeout_seconds
        self._loop = asyncio.Runner()
        self._pools: dict[Origin, ConnectionPool] = {}
        self._tls: ssl.SSLContext | None = None
        self.sent = 0
        self.failed = 0
        """Requests without a reply, and replies with a status of 500 or more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self._pools.values():
            pool.close()
        self._loop.close()

    def send(self, request: Request) -> Delivered:
        """Send one webhook and wait for the reply."""
        return self._counted(self.ask(request))

    def ask(self, request: Request) -> Delivered:
        """Send a request that is no webhook and is not counted."""
        return self._run(self._send(request))

    def send_all(self, requests: Sequence[Request]) -> tuple[Delivered, ...]:
        """Send different webhooks over a pool of connections; the replies are in the order of the requests."""
        return tuple(map(self._counted, self._run(self._send_all(requests))))

    def send_at_once(self, requests: Sequence[Request]) -> Burst:
        """Send each request over a connection of its own. The last byte of all is sent at the same moment, so that the
        service processes them at the same moment too. All lead to the same server."""
        held = HeldRequests(self._timeout)
        raw = [on_the_wire(request) for request in requests]
        began = time.time()
        seen = self._run(held.send(raw, _origin(requests[0]), self._context(_origin(requests[0]))))
        replies = [
            undelivered(began, end) if isinstance(end, Exception) else delivered(began, end, self._statuses)
            for end in seen
        ]
        return Burst(tuple(map(self._counted, replies)), held.at_once)

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return self._loop.run(work)

    async def _send_all(self, requests: Sequence[Request]) -> list[Delivered]:
        turns = asyncio.Semaphore(_AT_A_TIME)

        async def in_turn(request: Request) -> Delivered:
            async with turns:
                return await self._send(request)

        return await asyncio.gather(*map(in_turn, requests))

    async def _send(self, request: Request) -> Delivered:
        began = time.time()
        try:
            response, _ = await self._pool(_origin(request)).send(
                on_the_wire(request), time.perf_counter() + self._timeout
            )
        except (Broken, Unsendable, TimeoutError) as problem:
            return undelivered(began, problem)
        return delivered(began, response, self._statuses)

    def _pool(self, origin: Origin) -> ConnectionPool:
        if origin not in self._pools:
            # The pool takes a context in any case, and uses it only with TLS.
            self._pools[origin] = ConnectionPool(
                origin, self._context(origin) or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            )
        return self._pools[origin]

    def _context(self, origin: Origin) -> ssl.SSLContext | None:
        """The context of TLS, made when it is first needed, because that reads all certificates."""
        if not origin.tls:
            return None
        if self._tls is None:
            import httpx

            self._tls = httpx.create_ssl_context()
        return self._tls

    @contextmanager
    def failures_are_ours(self) -> Iterator[None]:
        """Within it, failures are caused by the rehearsal itself and are not counted."""
        before = self.failed
        yield
        self.failed = before

    def _counted(self, seen: Delivered) -> Delivered:
        self.sent += 1
        self.failed += seen.status is None or seen.status >= 500
        return seen


def on_the_wire(request: Request) -> bytes:
    """The bytes of the request. Raises Unsendable if a header or the path cannot be sent."""
    parts = urlsplit(request.url)
    path = target("", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
    headers = {
        "Host": Origin.of(request.url).authority,
        "Accept": "*/*",
        **request.headers,
        "Content-Length": str(len(request.body)),
    }
    lines = (f"{request.method} {path} HTTP/1.1", *(header_line(*header) for header in headers.items()), "", "")
    return "\r\n".join(lines).encode("latin-1") + request.body


def _origin(request: Request) -> Origin:
    """The server of the request, without the path."""
    parts = urlsplit(request.url)
    return Origin.of(f"{parts.scheme}://{parts.netloc}")
