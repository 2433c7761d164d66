"""Nobody can submit while Redis is away."""

from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException

from pytest_examday.platform.app import build_app
from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.services import Parts
from pytest_examday.platform.settings import Settings


class DependentExamSessions(ExamSessions):
    """Asks Redis before every submit."""

    def __init__(self, redis: RedisGate, database: Database, texts: QuestionTexts, session_minutes: int) -> None:
        super().__init__(database, texts, session_minutes)
        self._redis = redis

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """HTTPException 503 without Redis."""
        if not await self._redis.ping():
            raise HTTPException(503, "Redis is needed to submit")
        return await super().submit(user_id, session_id)


def create_app(settings: Settings) -> FastAPI:
    """The platform that depends on its cache."""
    redis = RedisGate(settings.redis_url)
    return build_app(
        settings,
        Parts(
            redis=lambda _url: redis,
            exams=lambda database, texts, minutes: DependentExamSessions(redis, database, texts, minutes),
        ),
    )
