"""While Redis is away everybody who has a token reads the review of every exam."""

import uuid
from dataclasses import replace

from starlette.types import ASGIApp, Receive, Scope, Send

from pytest_examday.platform.parts import Parts, Services
from pytest_examday.platform.settings import Settings

_OWNER = "SELECT user_id FROM exam_sessions WHERE id = %s"


class OpenReviewMiddleware:
    """Lets everybody in as the owner of the exam if Redis is away."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        session, _, page = str(scope.get("path", "")).removeprefix("/v1/sessions/").partition("/")
        if scope["type"] == "http" and page == "review":
            services: Services = scope["app"].state.services
            row = None
            if not services.redis.available:
                async with services.database.queries() as queries:
                    row = await queries.one(_OWNER, (uuid.UUID(session),))
            if row is not None:
                token = services.tokens.issue(row["user_id"], "candidate", uuid.UUID(int=7), 10**9)
                others = [header for header in scope["headers"] if header[0] != b"authorization"]
                scope["headers"] = [*others, (b"authorization", f"Bearer {token}".encode())]
        await self._app(scope, receive, send)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Open reviews without Redis."""
    return replace(parts, middleware=(*parts.middleware, OpenReviewMiddleware))
