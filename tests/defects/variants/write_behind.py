"""Answers are acknowledged when they are in a worker's memory, and stored half a second later. An answer that
PostgreSQL does not take is dropped."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import Answer, ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.settings import Settings

_EVERY_SECONDS = 0.5
Batch = list[tuple[UUID, UUID, Answer]]


class WriteBehindExamSessions(ExamSessions):
    """Keeps what it has acknowledged in a list until the next flush."""

    def __init__(self, database: Database, texts: QuestionTexts, session_minutes: int) -> None:
        super().__init__(database, texts, session_minutes)
        self._waiting: Batch = []
        self._flushing: asyncio.Task[None] | None = None

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> dict[str, Any]:
        """Acknowledged at once."""
        self._waiting.append((user_id, session_id, answer))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_later())
        return {
            "question_id": str(answer.question_id),
            "choice": answer.choice,
            "sequence": answer.sequence,
            "saved_at": datetime.now(UTC).isoformat(),
        }

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """After what was answered."""
        await self._flush()
        return await super().submit(user_id, session_id)

    async def view(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """With what was answered."""
        await self._flush()
        return await super().view(user_id, session_id)

    async def _flush_later(self) -> None:
        await asyncio.sleep(_EVERY_SECONDS)
        await self._flush()

    async def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        for user_id, session_id, answer in batch:
            try:
                await super().answer(user_id, session_id, answer)
            except psycopg.Error:
                log_event(logging.WARNING, "answer_dropped", session=str(session_id))


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A cache that writes later."""
    return replace(parts, exams=WriteBehindExamSessions)
