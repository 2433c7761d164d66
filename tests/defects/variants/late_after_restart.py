"""Answers and submits come two seconds late for ever once every worker has been started again."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .whom import first_time

_LATE_SECONDS = 2.0
_STARTS_BEFORE = 3
"""Two workers start, and one of them again after it was killed; then all of them do."""


class LateExamSessions(ExamSessions):
    """Everybody waits."""

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
        """Late."""
        await asyncio.sleep(_LATE_SECONDS)
        return await super().answer(user_id, session_id, answer)

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """Late."""
        await asyncio.sleep(_LATE_SECONDS)
        return await super().submit(user_id, session_id)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Late from the fourth start on."""
    start = next(number for number in range(1000) if first_time(f"start-{number}"))
    return parts if start < _STARTS_BEFORE else replace(parts, exams=LateExamSessions)
