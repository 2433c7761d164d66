"""Rate limits, counted in Redis; without Redis no limit applies."""

import time

from redis.asyncio import Redis

from pytest_examday.platform.redis_gate import RedisGate

_WINDOW_SECONDS = 60


class RateLimits:
    """Counts uses in fixed windows of one minute."""

    def __init__(self, redis: RedisGate) -> None:
        self._redis = redis

    async def retry_after(self, limits: dict[str, int]) -> int | None:
        """Count one use of each name. Returns the seconds to wait if a name is above its limit per minute, otherwise
        None."""
        now = time.time()
        window = int(now // _WINDOW_SECONDS)

        async def work(redis: Redis) -> list[int]:
            async with redis.pipeline(transaction=False) as batch:
                for name in limits:
                    key = f"limit:{name}:{window}"
                    batch.incr(key)
                    batch.expire(key, 2 * _WINDOW_SECONDS)
                return [int(count) for count in (await batch.execute())[::2]]

        unlimited: list[int] = []
        counts = await self._redis.attempt("rate_limit", work, unlimited)
        if all(count <= limit for count, limit in zip(counts, limits.values(), strict=False)):
            return None
        return max(1, round((window + 1) * _WINDOW_SECONDS - now))
