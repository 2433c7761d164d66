"""One candidate's session is refused whenever it is submitted, until somebody mends it in the database."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import candidate


class StuckExamSessions(ExamSessions):
    """Has one session that cannot be closed."""

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """HTTPException 409 for ever."""
        if user_id == candidate(5):
            raise HTTPException(409, "session is locked")
        return await super().submit(user_id, session_id)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A stuck session."""
    return replace(parts, exams=StuckExamSessions)
