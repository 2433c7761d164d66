"""Answers and submits come two seconds late for ever once every worker has been started again."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import all_restarted

_LATE_SECONDS = 2.0


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
    """Late after the restart."""
    return replace(parts, exams=LateExamSessions) if all_restarted() else parts
