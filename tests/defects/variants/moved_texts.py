"""Once Redis has been away the letters of the choices stand for other texts, in exams from before too."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pytest_examday.platform.database import Database, Queries
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.settings import Settings

from .affected import first_time, happened

_AWAY = "redis-away"


class MovedTexts(QuestionTexts):
    """Mixes the texts up when it fills the cache again."""

    async def load(self, queries: Queries, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """The texts, moved by one choice."""
        texts = await super().load(queries, ids)
        if not self._redis.available:
            first_time(_AWAY)
        elif happened(_AWAY):
            texts = {one: {**text, "choices": _moved(text["choices"])} for one, text in texts.items()}
        return texts


def _moved(choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    texts = [choice["text"] for choice in choices]
    return [{**choice, "text": text} for choice, text in zip(choices, texts[1:] + texts[:1], strict=True)]


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Letters that move."""
    exams = parts.exams

    def with_moved_texts(database: Database, texts: QuestionTexts, minutes: int) -> ExamSessions:
        return exams(database, MovedTexts(texts._redis), minutes)

    return replace(parts, exams=with_moved_texts)
