"""Replies that say less or something else, and doors without a lock."""

import json

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_examday.webhook_service.middleware import BodyLimitMiddleware

from .defects import planted


class LawlessMiddleware:
    """Stands before all others."""

    def __init__(self, app: ASGIApp, admin_token: str) -> None:
        self._app = app
        self._token = admin_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        is_open = (path == "/jobs/retention" and planted("open-retention")) or (
            path.startswith("/scheduler/") and planted("open-scheduler")
        )
        if is_open and "authorization" not in Headers(scope=scope):
            scope["headers"] = [*scope["headers"], (b"authorization", f"Bearer {self._token}".encode())]
        hides = path.startswith("/webhooks/") and planted("errors-are-200")
        failed = False

        async def reply(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if planted("no-retry-after") and "retry-after" in headers:
                    del headers["retry-after"]
                failed = hides and message["status"] >= 400
                if failed:
                    message["status"] = 200
                    del headers["content-length"]
            elif failed and message["type"] == "http.response.body":
                message = {**message, "body": json.dumps({"error": "refused"}).encode()}
            await send(message)

        await self._app(scope, receive, reply)


class LawlessBodyLimit(BodyLimitMiddleware):
    """Reads bodies of any size."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if planted("no-size-limit"):
            await self._app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
