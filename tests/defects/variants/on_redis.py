"""Exam sessions that lean on the worker's Redis, for variants whose defect that is."""

from fastapi import FastAPI

from pytest_examday.platform.app import build_app
from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.services import Parts
from pytest_examday.platform.settings import Settings


class ExamSessionsOnRedis(ExamSessions):
    """Knows Redis."""

    def __init__(self, redis: RedisGate, database: Database, texts: QuestionTexts, session_minutes: int) -> None:
        super().__init__(database, texts, session_minutes)
        self._redis = redis


def build_on_redis(settings: Settings, sessions: type[ExamSessionsOnRedis]) -> FastAPI:
    """The platform with these sessions, which share the worker's own gate to Redis."""
    redis = RedisGate(settings.redis_url)
    return build_app(
        settings,
        Parts(
            redis=lambda _url: redis,
            exams=lambda database, texts, minutes: sessions(redis, database, texts, minutes),
        ),
    )
