"""A worker that was started again does not let anybody submit who began before: somebody has to mend the database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.settings import Settings

from .affected import first_time


class LockingExamSessions(ExamSessions):
    """Takes every session of an earlier life for one that somebody still works on."""

    def __init__(self, database: Database, texts: QuestionTexts, session_minutes: int, *, again: bool) -> None:
        super().__init__(database, texts, session_minutes)
        self._own = database
        self._began = datetime.now(UTC) if again else None

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """HTTPException 409 for sessions from before the restart."""
        if self._began is not None:
            async with self._own.queries() as queries:
                row = await queries.one("SELECT created_at FROM exam_sessions WHERE id = %s", (session_id,))
            if row is not None and row["created_at"] < self._began:
                raise HTTPException(409, "session is locked by another worker")
        return await super().submit(user_id, session_id)


def plant(parts: Parts, settings: Settings) -> Parts:
    """Locks that outlive their owners."""
    again = not first_time(f"start-of-{settings.worker}")
    return replace(
        parts, exams=lambda database, texts, minutes: LockingExamSessions(database, texts, minutes, again=again)
    )
