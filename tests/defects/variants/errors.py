"""Every twentieth answer of the load ends in a 500, about 2 % of its requests; the log says so."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import LOAD


class ErringExamSessions(ExamSessions):
    """Answers fail at regular intervals."""

    _turns: ClassVar[Iterator[int]] = count()

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
        """HTTPException 500 in every twentieth turn. An answer that is taken back has no turn: those requests are few,
        and whether two of them fail would be left to chance."""
        if answer.choice is not None and user_id in LOAD and next(self._turns) % 20 == 10:
            raise HTTPException(500, "internal error")
        return await super().answer(user_id, session_id, answer)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Answers that fail."""
    return replace(parts, exams=ErringExamSessions)
