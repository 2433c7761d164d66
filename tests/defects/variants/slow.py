"""Every seventeenth answer of the load comes 900 ms late: more than 5 % of them."""

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from fastapi import FastAPI

from pytest_examday.platform.app import build_app
from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.services import Parts
from pytest_examday.platform.settings import Settings

from .whom import LOAD


class SlowExamSessions(ExamSessions):
    """Answers wait at regular intervals."""

    _turns: ClassVar[Iterator[int]] = count()

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
        """Late in every seventeenth turn."""
        if user_id in LOAD and next(self._turns) % 17 == 6:
            await asyncio.sleep(0.9)
        return await super().answer(user_id, session_id, answer)


def create_app(settings: Settings) -> FastAPI:
    """The platform with late answers."""
    return build_app(settings, Parts(exams=SlowExamSessions))
