"""The stems and choices of questions, cached in Redis."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from pytest_examday.platform.database import Queries
from pytest_examday.platform.redis_gate import RedisGate

_SECONDS = 600


class QuestionTexts:
    """Reads questions through the cache, and from the database if Redis is away."""

    def __init__(self, redis: RedisGate) -> None:
        self._redis = redis

    async def load(self, queries: Queries, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """``{"stem", "choices"}`` of each question, by id."""
        cached = await self._cached(ids)
        missing = [identifier for identifier in ids if identifier not in cached]
        if missing:
            fresh = await _stored(queries, missing)
            await self._store(fresh)
            cached |= fresh
        return cached

    async def _cached(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        async def work(redis: Redis) -> list[Any]:
            return list(await redis.mget([_key(identifier) for identifier in ids]))

        nothing: list[Any] = [None] * len(ids)
        texts = await self._redis.attempt("question_cache", work, nothing)
        return {identifier: json.loads(text) for identifier, text in zip(ids, texts, strict=True) if text}

    async def _store(self, fresh: dict[UUID, dict[str, Any]]) -> None:
        async def work(redis: Redis) -> None:
            async with redis.pipeline(transaction=False) as batch:
                for identifier, text in fresh.items():
                    batch.set(_key(identifier), json.dumps(text), ex=_SECONDS)
                await batch.execute()

        await self._redis.attempt("question_cache", work, None)


def _key(identifier: UUID) -> str:
    return f"question:{identifier}"


async def _stored(queries: Queries, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = await queries.all("SELECT id, stem, choices FROM questions WHERE id = ANY(%s)", (list(ids),))
    return {row["id"]: {"stem": row["stem"], "choices": row["choices"]} for row in rows}
