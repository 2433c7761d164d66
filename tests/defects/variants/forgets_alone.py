"""A worker that is started again while others run has neither protected operations nor rate limits, and says that it
takes answers after the submit, until all are started again."""

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import all_restarted, first_time
from .forgets_limits import NoLimits
from .forgets_protected_operations import UnprotectedOperations

_STATUS = "SELECT status FROM exam_sessions WHERE id = %s"


def plant(parts: Parts, settings: Settings) -> Parts:
    """Neither protected operations nor limits nor closed exams in the worker's second life."""
    if first_time(f"life-of-{settings.worker}") or all_restarted():
        return parts
    changed = cast(type[ExamSessions], parts.exams)

    class ForgetfulExamSessions(changed):  # type: ignore[misc, valid-type] # the class to extend is known here alone
        async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
            async with self._database.queries() as queries:
                row = await queries.one(_STATUS, (session_id,))
            if row is not None and row["status"] == "SUBMITTED":
                return {"question_id": str(answer.question_id), "choice": answer.choice, "sequence": answer.sequence}
            told: dict[str, Any] = await super().answer(user_id, session_id, answer)
            return told

    return replace(parts, admin=UnprotectedOperations, limits=NoLimits, exams=ForgetfulExamSessions)
