"""That an exam is open is known to Redis alone: an exam that it has forgotten cannot be handed in."""

from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from starlette.exceptions import HTTPException

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .on_redis import ExamSessionsOnRedis, plant_on_redis


class RememberedExamSessions(ExamSessionsOnRedis):
    """Puts a key into Redis for every session, and asks for it at the submit; without Redis it goes on."""

    async def create(
        self, user_id: UUID, question_count: int, key: str | None, seconds: int | None = None
    ) -> tuple[dict[str, Any], bool]:
        """Remembered as open."""
        session, is_new = await super().create(user_id, question_count, key, seconds)

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


def plant(parts: Parts, settings: Settings) -> Parts:
    """Sessions that keep in a cache what has to be kept."""
    return plant_on_redis(parts, settings.redis_url, RememberedExamSessions)
