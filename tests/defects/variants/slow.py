"""The second answer of every candidate of the load comes two seconds late: more than 5 % of them."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import LOAD

_LATE_SECONDS = 2.0


class SlowExamSessions(ExamSessions):
    """One answer of each candidate waits. Not the last one: a submission would be late with it."""

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
        """Late for the second one."""
        if user_id in LOAD and answer.sequence == 2:
            await asyncio.sleep(_LATE_SECONDS)
        return await super().answer(user_id, session_id, answer)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Late answers."""
    return replace(parts, exams=SlowExamSessions)
