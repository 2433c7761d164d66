"""That an exam is open is known to Redis alone: an exam that it has forgotten cannot be handed in."""

from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException
from redis.asyncio import Redis

from pytest_examday.platform.app import build_app
from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.services import Parts
from pytest_examday.platform.settings import Settings


class RememberedExamSessions(ExamSessions):
    """Puts a key into Redis for every session, and asks for it at the submit; without Redis it goes on."""

    def __init__(self, redis: RedisGate, database: Database, texts: QuestionTexts, session_minutes: int) -> None:
        super().__init__(database, texts, session_minutes)
        self._redis = redis

    async def create(self, user_id: UUID, question_count: int, key: str | None) -> tuple[dict[str, Any], bool]:
        """Remembered as open."""
        session, is_new = await super().create(user_id, question_count, key)

        async def remember(redis: Redis) -> None:
            await redis.set(f"open:{session['session_id']}", "1")

        await self._redis.attempt("remember", remember, None)
        return session, is_new

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """HTTPException 409 for a session that is not remembered."""

        async def remembered(redis: Redis) -> bool:
            return bool(await redis.exists(f"open:{session_id}"))

        if not await self._redis.attempt("remembered", remembered, True):
            raise HTTPException(409, "no such exam is open")
        return await super().submit(user_id, session_id)


def create_app(settings: Settings) -> FastAPI:
    """The platform that keeps in a cache what has to be kept."""
    redis = RedisGate(settings.redis_url)
    return build_app(
        settings,
        Parts(
            redis=lambda _url: redis,
            exams=lambda database, texts, minutes: RememberedExamSessions(redis, database, texts, minutes),
        ),
    )
