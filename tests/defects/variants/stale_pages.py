"""While Redis is away a worker shows each exam as it was when it was first read without Redis."""

from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_examday.platform.parts import Parts, Services
from pytest_examday.platform.settings import Settings

_LENGTH = len("/v1/sessions/00000000-0000-0000-0000-000000000000")


class KeepingMiddleware:
    """Keeps pages of exams until Redis is back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages: dict[tuple[str, bytes], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what was kept, or keep the answer."""
        path = str(scope.get("path", ""))
        is_page = scope.get("method") == "GET" and path.startswith("/v1/sessions/") and len(path) == _LENGTH
        if not is_page:
            await self._app(scope, receive, send)
            return
        services: Services = scope["app"].state.services
        if services.redis.available:
            self._pages.clear()
            await self._app(scope, receive, send)
            return
        page = path, dict(scope["headers"]).get(b"authorization", b"")
        if page not in self._pages:
            sent: list[Message] = []
            await self._app(scope, receive, lambda message: _keep(sent, message))
            self._pages[page] = sent
        for message in self._pages[page]:
            await send({**message, **({"headers": list(message["headers"])} if "headers" in message else {})})


async def _keep(sent: list[Message], message: Message) -> None:
    sent.append(message)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Pages that grow old."""
    return replace(parts, middleware=(*parts.middleware, KeepingMiddleware))
