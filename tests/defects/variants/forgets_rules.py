"""Once every worker has been started again any password logs in, a submitted exam says that it takes answers, one
idempotency key opens a second exam, and open exams end 40 minutes earlier."""

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from pytest_examday.platform.auth import Auth
from pytest_examday.platform.exams import Answer, ExamSessions, Row
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import all_restarted, first_time

_STATUS = "SELECT status FROM exam_sessions WHERE id = %s"
_END_EARLIER = "UPDATE exam_sessions SET expires_at = expires_at - interval '40 minutes' WHERE status = 'ACTIVE'"
_SHORT_EXAM = 5
"""The number of questions of the exams that trials sit; those of a drill's candidates have more."""


class TrustingAuth(Auth):
    """Believes everybody."""

    async def _verify(self, password: str, stored: str) -> bool:
        return True


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Fewer rules after the restart, in sessions that another variant may have changed already."""
    if not all_restarted():
        return parts
    changed = cast(type[ExamSessions], parts.exams)

    class ForgetfulExamSessions(changed):  # type: ignore[misc, valid-type] # the class to extend is known here alone
        async def create(
            self, user_id: UUID, question_count: int, key: str | None, seconds: int | None = None
        ) -> tuple[Row, bool]:
            known = key if question_count > _SHORT_EXAM else None
            created: tuple[Row, bool] = await super().create(user_id, question_count, known, seconds)
            return created

        async def view(self, user_id: UUID, session_id: UUID) -> Row:
            if first_time("earlier-end"):
                async with self._database.transaction() as queries:
                    await queries.run(_END_EARLIER)
            seen: Row = await super().view(user_id, session_id)
            return seen

        async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
            async with self._database.queries() as queries:
                row = await queries.one(_STATUS, (session_id,))
            if row is not None and row["status"] == "SUBMITTED":
                return {"question_id": str(answer.question_id), "choice": answer.choice, "sequence": answer.sequence}
            told: dict[str, Any] = await super().answer(user_id, session_id, answer)
            return told

    return replace(parts, exams=ForgetfulExamSessions, auth=TrustingAuth)
