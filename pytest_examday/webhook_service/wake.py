"""Redis tells the schedulers that there is work; without Redis they look by themselves after a while."""

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

_KEY = "wake"
_SOCKET_SECONDS = 0.25


class Wake:
    """A bell: the workers ring it after an event, and a scheduler that sleeps hears it."""

    def __init__(self, url: str, hear_seconds: float) -> None:
        self._hear_seconds = hear_seconds
        self._redis: Redis = Redis.from_url(
            url,
            protocol=2,
            socket_timeout=_SOCKET_SECONDS + hear_seconds,
            socket_connect_timeout=_SOCKET_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    async def ring(self) -> None:
        """Wake one scheduler. Does nothing while Redis is away: the schedulers look by themselves."""
        try:
            async with asyncio.timeout(_SOCKET_SECONDS), self._redis.pipeline(transaction=False) as batch:
                batch.lpush(_KEY, "1")
                batch.ltrim(_KEY, 0, 0)
                await batch.execute()
        except (RedisError, OSError, TimeoutError):
            return

    async def sleep(self) -> None:
        """Return when the bell rings or the time between two passes is over."""
        try:
            await self._redis.blpop([_KEY], timeout=self._hear_seconds)
        except (RedisError, OSError, TimeoutError):
            await asyncio.sleep(self._hear_seconds)

    async def answers(self) -> bool:
        """Whether Redis answers now."""
        try:
            async with asyncio.timeout(_SOCKET_SECONDS):
                return bool(await self._redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
