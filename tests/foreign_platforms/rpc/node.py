"""What one worker holds (connections, limits, its log) and what all methods use."""

import hashlib
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tests.foreign_platforms.postgres import connections

_WINDOW_SECONDS = 60
_LINES_UNTIL_ONE_IS_MISSING = 10


class Failure(Exception):
    """A call that ends with this error; `data` goes into `error.data`."""

    def __init__(self, code: int, message: str, http: int = 200, **data: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http = http
        self.data = data


class Params(BaseModel):
    """The params of a method: exactly these, each of its own type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(frozen=True)
class Caller:
    """Who sent a ticket. `entry` names the `auth.enter` that all its tickets come from."""

    person: Any
    login: str
    staff: bool
    entry: Any


class Node:
    """A worker as the variables `RPC_NODE` (its name), `RPC_MODE`, `RPC_DATABASE`, `RPC_REDIS`, `RPC_DEFECTS` say."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.name = environment["RPC_NODE"]
        self.mode = environment["RPC_MODE"]
        self.defects = frozenset(environment["RPC_DEFECTS"].split())
        self.puts = count(1)
        self.pool = connections(environment["RPC_DATABASE"])
        self._redis: Redis = Redis.from_url(
            environment["RPC_REDIS"], socket_timeout=0.3, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
        )
        self._lines = count(1)
        self._redis_told = -1.0

    async def counted(self, key: str) -> tuple[int, int]:
        """How often this key was counted within a minute of its first count, and the seconds until it starts anew.

        Both are 0 while Redis is away.
        """
        try:
            async with self._redis.pipeline() as steps:
                steps.set(key, 0, ex=_WINDOW_SECONDS, nx=True)
                steps.incr(key)
                steps.ttl(key)
                _, times, seconds = await steps.execute()
        except (RedisError, OSError) as error:
            if time.monotonic() - self._redis_told >= 1.0:
                self._redis_told = time.monotonic()
                _write(note="limits off", why=str(error))
            return 0, 0
        return int(times), int(seconds)

    def log(self, **fields: object) -> None:
        """Write the line of a call."""
        if "lines-missing" not in self.defects or next(self._lines) % _LINES_UNTIL_ONE_IS_MISSING:
            _write(**fields)

    async def close(self) -> None:
        """Close all connections."""
        await self.pool.close()
        await self._redis.aclose()


def digest(secret: str) -> bytes:
    """What is stored of a ticket or a secret."""
    return hashlib.sha256(secret.encode()).digest()


def _write(**fields: object) -> None:
    print(json.dumps({"ts": time.time_ns() // 1_000_000, **fields}), file=sys.stderr)
