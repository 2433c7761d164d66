"""Redis for the workers, which go on working without it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.platform import metrics
from pytest_examday.platform.context import request_id

Result = TypeVar("Result")

_SOCKET_SECONDS = 0.25
_PROBE_SECONDS = 0.5
_LOG_SECONDS = 1.0


class RedisGate:
    """A circuit breaker around Redis: if Redis is away, each operation has a result without it.

    After a failure all operations are skipped at once, and a background task asks Redis until it answers again. An
    outage therefore costs a request at most one socket timeout (0.25 s).
    """

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            protocol=2,
            socket_timeout=_SOCKET_SECONDS,
            socket_connect_timeout=_SOCKET_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._probing: asyncio.Task[None] | None = None
        self._last_warning = -_LOG_SECONDS

    @property
    def available(self) -> bool:
        """False from a failure until Redis has answered again."""
        return self._probing is None

    async def close(self) -> None:
        """End the background task and the connections."""
        if self._probing is not None:
            self._probing.cancel()
            with suppress(asyncio.CancelledError):
                await self._probing
        await self._redis.aclose()

    async def attempt(self, op: str, work: Callable[[Redis], Awaitable[Result]], otherwise: Result) -> Result:
        """Run ``work`` on Redis; returns ``otherwise`` if Redis is away."""
        if not self.available:
            self._warn(op)
            return otherwise
        try:
            return await work(self._redis)
        except (RedisError, OSError, TimeoutError) as error:
            metrics.REDIS_ERRORS.inc()
            self._open(op, error)
            return otherwise

    async def ping(self) -> bool:
        """Whether Redis answers now."""

        async def work(redis: Redis) -> bool:
            return bool(await redis.ping())

        return await self.attempt("ping", work, False)

    def _open(self, op: str, error: Exception) -> None:
        self._warn(op, error=type(error).__name__)
        if self._probing is None:
            self._probing = asyncio.create_task(self._probe(time.monotonic()))

    async def _probe(self, since: float) -> None:
        while not await self._answers():  # noqa: ASYNC110 (only asking shows whether Redis is back)
            await asyncio.sleep(_PROBE_SECONDS)
        self._probing = None
        # The next outage is logged, however soon it comes.
        self._last_warning = -_LOG_SECONDS
        metrics.REDIS_RECONNECTS.inc()
        log_event(logging.WARNING, "redis_recovered", outage_seconds=round(time.monotonic() - since, 3))

    async def _answers(self) -> bool:
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError, TimeoutError):
            metrics.REDIS_ERRORS.inc()
            return False

    def _warn(self, op: str, **fields: object) -> None:
        """Log at most one line a second, so that an outage does not flood the log."""
        now = time.monotonic()
        if now - self._last_warning >= _LOG_SECONDS:
            self._last_warning = now
            log_event(logging.WARNING, "redis_unavailable", op=op, request_id=request_id(), **fields)
