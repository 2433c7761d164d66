"""The first try to answer of every candidate of the load is refused by a rate limit: more than 10 % of the answers."""

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import LOAD, first_time


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A limit on honest requests, in sessions that another variant may have changed already. It is early in the exam,
    so that nobody is late by it."""
    changed = cast(type[ExamSessions], parts.exams)

    class LimitedExamSessions(changed):  # type: ignore[misc, valid-type] # the class to extend is known here alone
        async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
            if user_id in LOAD and answer.sequence == 1 and first_time(f"answer-in-{session_id}"):
                raise HTTPException(429, "too many requests")
            told: dict[str, Any] = await super().answer(user_id, session_id, answer)
            return told

    return replace(parts, exams=LimitedExamSessions)
