"""One candidate is told of a failure, once, that the log calls a success."""

from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_examday.platform.context import current_request
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import candidate, first_time

_WHOM = str(candidate(2))


class SilentMiddleware:
    """Outermost, if the log does not look: makes one accepted answer a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and _chosen(scope):
                message = {**message, "status": 500}
            await send(message)

        await self._app(scope, receive, told)


def _chosen(scope: Scope) -> bool:
    context = current_request.get()
    whose = None if context is None else context.user_id
    return whose == _WHOM and str(scope["path"]).endswith("/answers") and first_time("failure")


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A failure that nobody can look up."""
    return replace(parts, middleware=(SilentMiddleware, *parts.middleware))
