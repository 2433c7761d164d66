"""Exam mode is on, one protected operation does not ask, and one refuses when its work is done."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform.admin import AdminOperations
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


class UnprotectedOperations(AdminOperations):
    """Rank runs go on during the exam, and so do broadcasts, whatever their callers are told."""

    def refuse_in_exam_mode(self, operation: str) -> None:
        """Refuses all but rank runs and broadcasts."""
        if operation not in ("rank run", "notification broadcast"):
            super().refuse_in_exam_mode(operation)

    async def broadcast(self, admin: UUID, message: str) -> dict[str, Any]:
        """HTTPException 403 after the notifications were written."""
        await super().broadcast(admin, message)
        raise HTTPException(403, "exam mode: notification broadcast is disabled")


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Holes in exam mode."""
    return replace(parts, admin=UnprotectedOperations)
