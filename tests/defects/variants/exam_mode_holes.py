"""Holes in exam mode that a test opens and closes while the platform runs, by the file `holes.json`.

`open` names a worker without protected operations, `off` one that tells that exam mode is off, `executes` the
operations that do their work and answer 403 all the same.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pytest_examday.platform.admin import AdminOperations
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


def _holes() -> dict[str, Any]:
    path = Path(os.environ["DEFECT_FOLDER"]) / "holes.json"
    read: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return read


def plant(parts: Parts, settings: Settings) -> Parts:
    """Holes that open and close."""

    class HoleyOperations(AdminOperations):
        """Refuses if there is no hole."""

        def refuse_in_exam_mode(self, operation: str) -> None:
            """Refuses at once, but for what is done first."""
            if _holes().get("open") != settings.worker and operation not in _holes().get("executes", ()):
                super().refuse_in_exam_mode(operation)

        async def rank(self, admin: UUID) -> dict[str, Any]:
            """HTTPException 403 when the work is done, if this is a hole."""
            return _late("rank run", await super().rank(admin))

        async def drain_outbox(self, admin: UUID) -> dict[str, Any]:
            """HTTPException 403 when the work is done, if this is a hole."""
            return _late("e-mail outbox drain", await super().drain_outbox(admin))

        async def broadcast(self, admin: UUID, message: str) -> dict[str, Any]:
            """HTTPException 403 when the work is done, if this is a hole."""
            return _late("notification broadcast", await super().broadcast(admin, message))

    class OffMiddleware:
        """One worker tells that exam mode is off."""

        def __init__(self, app: ASGIApp) -> None:
            self._app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            """Answer in place of readiness, or let the request pass."""
            if scope.get("path") == "/v1/ready" and _holes().get("off") == settings.worker:
                told = JSONResponse({"status": "ready", "exam_mode": False, "worker": settings.worker})
                await told(scope, receive, send)
            else:
                await self._app(scope, receive, send)

    return replace(parts, admin=HoleyOperations, middleware=(*parts.middleware, OffMiddleware))


def _late(operation: str, done: dict[str, Any]) -> dict[str, Any]:
    if operation in _holes().get("executes", ()):
        raise HTTPException(403, f"exam mode: {operation} is disabled")
    return done
