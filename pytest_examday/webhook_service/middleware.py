"""Middleware for every request: its id, its log line, its metrics, and the size limit."""

import asyncio
import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_examday.local_servers.json_logs import format_error, log_event
from pytest_examday.webhook_service import metrics
from pytest_examday.webhook_service.context import current_request_id

MOST_BYTES = 65_536
_CLIENT_LEFT = 499
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class RequestMiddleware:
    """Gives every response an `X-Request-ID` and writes one log line for every request, also after errors.

    The line names the template of the route and not the path, the query or the body: those may hold personal data.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        offered = Headers(scope=scope).get("x-request-id", "")
        identifier = offered if _SANE_ID.fullmatch(offered) else uuid.uuid4().hex
        mark = current_request_id.set(identifier)
        seen: dict[str, Any] = {"status": 0}
        started = time.perf_counter()

        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                MutableHeaders(scope=message).update({"X-Request-ID": identifier, **_HEADERS})
            await send(message)

        try:
            await self._guarded(scope, receive, reply, seen)
        finally:
            self.record(scope, seen, time.perf_counter() - started)
            current_request_id.reset(mark)

    async def _guarded(self, scope: Scope, receive: Receive, reply: Send, seen: dict[str, Any]) -> None:
        try:
            await self._app(scope, receive, reply)
        except ClientDisconnect:
            seen["status"] = _CLIENT_LEFT
        except asyncio.CancelledError:
            seen["status"] = _CLIENT_LEFT
            raise
        except Exception as error:
            seen["error"] = error
            if seen["status"]:
                raise
            body = {"detail": "internal error", "request_id": current_request_id.get()}
            await JSONResponse(body, status_code=500)(scope, receive, reply)

    def record(self, scope: Scope, seen: dict[str, Any], seconds: float) -> None:
        """Write the log line and the metrics of a finished request."""
        status, method, route = seen["status"] or 500, scope["method"], route_of(scope)
        metrics.note_memory()
        metrics.REQUESTS.labels(route, method, str(status)).inc()
        metrics.REQUEST_SECONDS.labels(route, method).observe(seconds)
        fields: dict[str, object] = {"request_id": current_request_id.get(), "method": method, "route": route}
        fields |= {"status": status, "total_ms": round(seconds * 1000, 2)}
        if "error" in seen:
            fields |= {"error": type(seen["error"]).__name__, "traceback": format_error(seen["error"])}
        log_event(logging.ERROR if status >= 500 else logging.INFO, "request", **fields)


class BodyLimitMiddleware:
    """Replies 413 to a body above 64 KiB; if the length is declared, before the body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request while counting what arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > MOST_BYTES:
            await JSONResponse({"detail": _TOO_LARGE}, status_code=413)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def route_of(scope: Scope) -> str:
    """The template of the route, so that logs and metrics do not have one entry for each company."""
    endpoint, routes = scope.get("endpoint"), scope["app"].routes
    return next((route.path for route in routes if route.endpoint is endpoint), "unmatched")


_TOO_LARGE = f"the body is larger than {MOST_BYTES} bytes"
