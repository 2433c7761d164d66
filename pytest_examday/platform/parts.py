"""The parts of a worker's application, and how they are connected."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_examday.platform.admin import AdminOperations
from pytest_examday.platform.auth import Auth
from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.expiries import Expiries
from pytest_examday.platform.limits import RateLimits
from pytest_examday.platform.middleware import BodyLimitMiddleware, RequestMiddleware
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.tokens import AccessTokens


@dataclass(frozen=True, slots=True)
class Parts:
    """The classes of which the application is made. A variant of the platform replaces one by a subclass::

        def create_app(settings: Settings) -> Starlette:
            return build_app(settings, Parts(exams=ForgetfulExamSessions))

    ``middleware`` is listed from the outermost inwards.
    """

    database: Callable[[Settings], Database] = Database
    redis: Callable[[str], RedisGate] = RedisGate
    limits: Callable[[RedisGate], RateLimits] = RateLimits
    expiries: Callable[[Settings], Expiries] = Expiries
    tokens: Callable[[Settings, RedisGate, Expiries], AccessTokens] = AccessTokens
    auth: Callable[[Database, AccessTokens, RateLimits], Auth] = Auth
    exams: Callable[[Database, QuestionTexts, int], ExamSessions] = ExamSessions
    admin: Callable[[Database, bool], AdminOperations] = AdminOperations
    middleware: Sequence[Callable[..., Any]] = field(default=(RequestMiddleware, BodyLimitMiddleware))


@dataclass(frozen=True, slots=True)
class Services:
    """The objects that the endpoints of one worker use."""

    settings: Settings
    database: Database
    redis: RedisGate
    expiries: Expiries
    tokens: AccessTokens
    auth: Auth
    exams: ExamSessions
    admin: AdminOperations

    async def open(self) -> None:
        """Connect to the database, if it can be reached."""
        await asyncio.gather(self.database.open(), self.expiries.open())

    async def close(self) -> None:
        """Close all connections and end all threads."""
        self.auth.close()
        await self.expiries.close()
        await self.redis.close()
        await self.database.close()


def assemble(settings: Settings, parts: Parts) -> Services:
    """Create the services of one worker; no connection is opened yet."""
    database = parts.database(settings)
    redis = parts.redis(settings.redis_url)
    expiries = parts.expiries(settings)
    tokens = parts.tokens(settings, redis, expiries)
    return Services(
        settings=settings,
        database=database,
        redis=redis,
        expiries=expiries,
        tokens=tokens,
        auth=parts.auth(database, tokens, parts.limits(redis)),
        exams=parts.exams(database, QuestionTexts(redis), settings.session_minutes),
        admin=parts.admin(database, settings.exam_mode),
    )
