"""No defect: while a worker writes to a session, it refuses a second write to the session with HTTP 409."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_WRITTEN: set[UUID] = set()


@contextmanager
def _alone(session_id: UUID) -> Iterator[None]:
    if session_id in _WRITTEN:
        raise HTTPException(409, "the session is written to")
    _WRITTEN.add(session_id)
    try:
        yield
    finally:
        _WRITTEN.discard(session_id)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """One write to a session at a time, in sessions that another variant may have changed already."""
    changed = cast(type[ExamSessions], parts.exams)

    class OneWriteExamSessions(changed):  # type: ignore[misc, valid-type] # the class to extend is known here alone
        async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
            with _alone(session_id):
                told: dict[str, Any] = await super().answer(user_id, session_id, answer)
            return told

        async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
            with _alone(session_id):
                told: dict[str, Any] = await super().submit(user_id, session_id)
            return told

    return replace(parts, exams=OneWriteExamSessions)
