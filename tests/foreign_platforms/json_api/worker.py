"""What one worker holds (connections, its view of exam mode, its log) and what all of its routes use."""

import hashlib
import json
import sys
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tests.foreign_platforms.postgres import connections, one

_EXAM_MODE_SECONDS = 2.0
Attributes = TypeVar("Attributes", bound=BaseModel)


class Refusal(Exception):
    """A request that is refused with this HTTP status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class _Data(BaseModel, Generic[Attributes]):
    attributes: Attributes


class Sent(BaseModel, Generic[Attributes]):
    """The envelope of what is sent: `{"data": {"attributes": {…}}}`."""

    data: _Data[Attributes]


def told(kind: str, identity: object = None, /, **attributes: object) -> dict[str, Any]:
    """The envelope of an answer; `identity` is the id of what it tells of."""
    named = {} if identity is None else {"id": str(identity)}
    return {"data": {"type": kind, **named, "attributes": attributes}}


def log(level: str, error: Exception | None = None, /, **fields: object) -> None:
    """Write a line of JSON, and below it the error as Python prints it."""
    print(json.dumps({"time": datetime.now(UTC).isoformat(), "lvl": level, **fields}), file=sys.stderr)
    if error is not None:
        traceback.print_exception(error)


def digest(token: str) -> bytes:
    """What is stored of a token or password."""
    return hashlib.sha256(token.encode()).digest()


class Worker:
    """A worker as the variables `EXAMS_WORKER` (its name), `EXAMS_DATABASE`, `EXAMS_REDIS`, `EXAMS_DEFECTS` say."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.defects = frozenset(environment["EXAMS_DEFECTS"].split())
        self.answers = count(1)
        self.pool = connections(environment["EXAMS_DATABASE"])
        self._redis: Redis = Redis.from_url(
            environment["EXAMS_REDIS"], socket_timeout=0.3, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
        )
        self._blind = "worker-without-exam-mode" in self.defects and environment["EXAMS_WORKER"] == "worker-b"
        self._exam_mode = False
        self._exam_mode_read = -_EXAM_MODE_SECONDS
        self._redis_told = -1.0

    async def exam_mode(self) -> bool:
        """Whether exam mode was on when this worker last looked, at most 2 s ago."""
        if time.monotonic() - self._exam_mode_read >= _EXAM_MODE_SECONDS:
            async with self.pool.connection() as connection:
                row = await one(connection, "SELECT is_on FROM switches WHERE name = 'exam mode'")
            self.remember_exam_mode(row is not None and row["is_on"])
        return self._exam_mode

    def remember_exam_mode(self, on: bool) -> None:
        """Take this for what a look has shown."""
        self._exam_mode = on and not self._blind
        self._exam_mode_read = time.monotonic()

    async def counted(self, key: str) -> int:
        """How often this key was counted within a minute of its first count; 0 while Redis is away."""
        try:
            async with self._redis.pipeline() as steps:
                steps.set(key, 0, ex=60, nx=True)
                steps.incr(key)
                return int((await steps.execute())[1])
        except (RedisError, OSError) as error:
            if time.monotonic() - self._redis_told >= 1.0:
                self._redis_told = time.monotonic()
                log("WARN", error, event="cache away")
            return 0

    async def close(self) -> None:
        """Close all connections."""
        await self.pool.close()
        await self._redis.aclose()


async def _worker(request: Request) -> Worker:
    worker: Worker = request.app.state.worker
    return worker


Here = Annotated[Worker, Depends(_worker)]
