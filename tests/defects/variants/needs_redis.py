"""Nobody can submit while Redis is away."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .on_redis import ExamSessionsOnRedis, plant_on_redis


class DependentExamSessions(ExamSessionsOnRedis):
    """Asks Redis before every submit."""

    async def submit(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """HTTPException 503 without Redis."""
        if not await self._redis.ping():
            raise HTTPException(503, "Redis is needed to submit")
        return await super().submit(user_id, session_id)


def plant(parts: Parts, settings: Settings) -> Parts:
    """Sessions that depend on the cache."""
    return plant_on_redis(parts, settings.redis_url, DependentExamSessions)
