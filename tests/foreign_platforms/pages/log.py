"""The log of a worker on standard error: one access line for each request, other lines, and tracebacks."""

import logging
import sys
import time
import uuid
from datetime import UTC, datetime
from itertools import count

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.foreign_platforms.pages.people import address_of

_REQUEST_ID = "X-Trace"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
logger = logging.getLogger("pages")


def begin() -> None:
    """Write the lines of `logger` from now on."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")


class AccessLog:
    """Writes a line for each request and sends the request's id back."""

    def __init__(self, app: ASGIApp, *, gaps: bool) -> None:
        self._app = app
        self._gaps = gaps
        self._requests = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 500
        request_id = Headers(scope=scope).get(_REQUEST_ID) or uuid.uuid4().hex

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if not self._gaps or next(self._requests) % 10:
                self._write(scope, status, time.monotonic() - began, request_id)

    def _write(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        now, path = datetime.now(UTC), scope["raw_path"].decode("latin-1")
        stamp = f"{now:%d}/{_MONTHS[now.month - 1]}/{now:%Y:%H:%M:%S}.{now.microsecond // 1000:03} +0000"
        person = scope["state"].get("person", "-")
        print(
            f"{address_of(Request(scope))} - {person} [{stamp}]"
            f' "{scope["method"]} {path} HTTP/{scope["http_version"]}" {status} {seconds:.3f} id={request_id}',
            file=sys.stderr,
        )
