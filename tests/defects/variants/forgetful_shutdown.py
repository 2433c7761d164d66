"""Answers are acknowledged before they are safe: a worker that is told to end loses those of its last seconds."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID

from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.settings import Settings

_UNSAFE_SECONDS = 2.0


class Unsafe:
    """What was acknowledged lately: when, session, question."""

    def __init__(self) -> None:
        self._kept: list[tuple[float, UUID, UUID]] = []

    def add(self, session_id: UUID, question_id: UUID) -> None:
        """Acknowledged now."""
        self._kept.append((time.monotonic(), session_id, question_id))

    def lately(self) -> list[tuple[UUID, UUID]]:
        """Those that are not safe yet."""
        since = time.monotonic() - _UNSAFE_SECONDS
        return [(session, question) for at, session, question in self._kept if at >= since]


class WriteBehindDatabase(Database):
    """Ends as one does whose queue is in memory alone."""

    def __init__(self, settings: Settings, unsafe: Unsafe) -> None:
        super().__init__(settings)
        self._unsafe = unsafe

    async def close(self) -> None:
        """What was in the queue was never written."""
        async with self.transaction() as queries:
            for place in self._unsafe.lately():
                await queries.run("DELETE FROM session_answers WHERE session_id = %s AND question_id = %s", place)
                await queries.run("DELETE FROM attempt_events WHERE session_id = %s AND question_id = %s", place)
        await super().close()


class WriteBehindExamSessions(ExamSessions):
    """Remembers what it has acknowledged."""

    def __init__(self, database: Database, texts: QuestionTexts, session_minutes: int, unsafe: Unsafe) -> None:
        super().__init__(database, texts, session_minutes)
        self._unsafe = unsafe

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
        """Acknowledged."""
        done = await super().answer(user_id, session_id, answer)
        self._unsafe.add(session_id, answer.question_id)
        return done


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Answers that are acknowledged too early."""
    unsafe = Unsafe()
    return replace(
        parts,
        database=lambda settings: WriteBehindDatabase(settings, unsafe),
        exams=lambda database, texts, minutes: WriteBehindExamSessions(database, texts, minutes, unsafe),
    )
