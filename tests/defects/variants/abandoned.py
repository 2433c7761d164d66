"""Who is cut off in the middle of a request has left a lock behind: the session cannot be handed in any more."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import LOAD, first_time, happened

_SLOW_SECONDS = 1.0
"""For most candidates of a drill an answer is under way at any moment."""


class LockingMiddleware:
    """Locks the session of an answer whose sender has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Looks when the answer is stored, before its sender is told."""
        path = str(scope.get("path", ""))

        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start" and await Request(scope, receive).is_disconnected():
                first_time(_lock(path.split("/")[-2]))
            await send(message)

        await self._app(scope, receive, reply if path.endswith("/answers") else send)


class LockedExamSessions(ExamSessions):
    """Keeps to the locks."""

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
        """Slowly, but for the load."""
        done = await super().answer(user_id, session_id, answer)
        await asyncio.sleep(0 if user_id in LOAD else _SLOW_SECONDS)
        return done

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """HTTPException 409 for a locked session."""
        if happened(_lock(str(session_id))):
            raise HTTPException(409, "session is locked by another request")
        return await super().submit(user_id, session_id)


def _lock(session_id: str) -> str:
    return f"lock-of-{session_id}"


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Locks that are never given up."""
    return replace(parts, exams=LockedExamSessions, middleware=(*parts.middleware, LockingMiddleware))
