"""Middleware for every request: its id, its log line, its metrics, and the size limit."""

import asyncio
import logging
import re
import time
import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_examday.local_servers.json_logs import format_error, log_event
from pytest_examday.platform import metrics
from pytest_examday.platform.context import RequestContext, current_request

MAX_BODY_BYTES = 1_048_576
CLIENT_CLOSED_REQUEST = 499
_TOO_LARGE = f"body is larger than {MAX_BODY_BYTES} bytes"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
}


@dataclass(slots=True)
class Exchange:
    """One request and its response; ``status`` is 0 until the response has started."""

    scope: Scope
    context: RequestContext
    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    aborted: bool = False
    error: Exception | None = None

    @property
    def route(self) -> str:
        """The template of the route, so that logs and metrics do not have one entry for each id."""
        endpoint, routes = self.scope.get("endpoint"), self.scope["app"].routes
        return next((route.path for route in routes if route.endpoint is endpoint), "unmatched")


class _Middleware(ABC):
    """Serves HTTP requests; other kinds of connection pass through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        await (self._serve if scope["type"] == "http" else self._app)(scope, receive, send)

    @abstractmethod
    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""


class RequestMiddleware(_Middleware):
    """Gives every response an ``X-Request-ID`` and writes one log line for every request, also after errors."""

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, RequestContext(choose_request_id(Headers(scope=scope))))
        mark = current_request.set(exchange.context)
        try:
            await self._exchange(exchange, receive, send)
        finally:
            current_request.reset(mark)
            record(exchange)

    async def _exchange(self, exchange: Exchange, receive: Receive, send: Send) -> None:
        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.aborted = await _has_left(receive)
                headers = MutableHeaders(scope=message)
                headers.update({"X-Request-ID": exchange.context.request_id, **_SECURITY_HEADERS})
            await send(message)

        try:
            await self._app(exchange.scope, receive, reply)
        except ClientDisconnect:
            exchange.status, exchange.aborted = CLIENT_CLOSED_REQUEST, True
        except asyncio.CancelledError:
            exchange.status, exchange.aborted = CLIENT_CLOSED_REQUEST, True
            raise
        except Exception as error:
            exchange.error = error
            if exchange.status:
                raise
            body = {"detail": "internal error", "request_id": exchange.context.request_id}
            await JSONResponse(body, status_code=500)(exchange.scope, receive, reply)


class BodyLimitMiddleware(_Middleware):
    """Replies 413 to a body above 1 MiB; if the length is declared, before the body is read."""

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request while counting what arrives."""
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > MAX_BODY_BYTES:
            await JSONResponse({"detail": _TOO_LARGE}, status_code=413)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def choose_request_id(headers: Headers) -> str:
    """The client's id if it is valid (1 to 128 letters, digits, ``._-``), otherwise a new one."""
    offered = headers.get("x-request-id", "")
    return offered if _SANE_ID.fullmatch(offered) else uuid.uuid4().hex


async def _has_left(receive: Receive) -> bool:
    """Whether the client has closed its connection; does not wait."""
    waiting = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    if not waiting.done():
        waiting.cancel()
        return False
    return bool(waiting.result()["type"] == "http.disconnect")


def record(exchange: Exchange) -> None:
    """Write the log line and the metrics of a finished request."""
    seconds = time.perf_counter() - exchange.started
    status = exchange.status or 500
    method, route = exchange.scope["method"], exchange.route
    metrics.note_memory()
    metrics.REQUESTS.labels(route, method, str(status)).inc()
    metrics.REQUEST_SECONDS.labels(route, method).observe(seconds)
    fields: dict[str, object] = {
        "request_id": exchange.context.request_id,
        "method": method,
        "route": route,
        "path": exchange.scope["path"],
        "status": status,
        "total_ms": round(seconds * 1000, 2),
        "db_ms": round(exchange.context.db_seconds * 1000, 2),
        "user_id": exchange.context.user_id,
    }
    if exchange.aborted:
        fields["aborted"] = True
    if exchange.error is not None:
        fields["error"] = type(exchange.error).__name__
        fields["traceback"] = format_error(exchange.error)
    log_event(_level(status), "request", **fields)


def _level(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status == CLIENT_CLOSED_REQUEST else logging.INFO
