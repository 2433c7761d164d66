"""Once every worker has been started again, exams belong to everybody, and a refresh gives somebody else's tokens."""

import uuid
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from pytest_examday.platform.auth import Auth
from pytest_examday.platform.parts import Parts, Services
from pytest_examday.platform.settings import Settings

from .affected import all_restarted, candidate

_OWNER = "SELECT user_id FROM exam_sessions WHERE id = %s"
_UUID_LENGTH = 36


class OwnerlessMiddleware:
    """Lets everybody who has a token in, as the owner of the exam."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        session = str(scope.get("path", "")).removeprefix("/v1/sessions/").split("/")[0]
        if scope["type"] == "http" and len(session) == _UUID_LENGTH:
            services: Services = scope["app"].state.services
            async with services.database.queries() as queries:
                row = await queries.one(_OWNER, (uuid.UUID(session),))
            if row is not None:
                token = services.tokens.issue(row["user_id"], "candidate", uuid.UUID(int=7), 10**9)
                others = [header for header in scope["headers"] if header[0] != b"authorization"]
                scope["headers"] = [*others, (b"authorization", f"Bearer {token}".encode())]
        await self._app(scope, receive, send)


class ForeignAuth(Auth):
    """Mixes people up."""

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """The tokens of the first candidate."""
        await super().refresh(refresh_token)
        async with self._database.transaction() as queries:
            return await self._grant(queries, candidate(1), "candidate", uuid.uuid4())


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Nobody's exams after the restart."""
    if not all_restarted():
        return parts
    return replace(parts, auth=ForeignAuth, middleware=(*parts.middleware, OwnerlessMiddleware))
