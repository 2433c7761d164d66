"""Exam sessions that lean on the worker's Redis, for variants whose defect that is."""

from dataclasses import replace

from pytest_examday.platform.database import Database
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.redis_gate import RedisGate


class ExamSessionsOnRedis(ExamSessions):
    """Knows Redis."""

    def __init__(self, redis: RedisGate, database: Database, texts: QuestionTexts, session_minutes: int) -> None:
        super().__init__(database, texts, session_minutes)
        self._redis = redis


def plant_on_redis(parts: Parts, redis_url: str, sessions: type[ExamSessionsOnRedis]) -> Parts:
    """These sessions, which share the worker's own gate to Redis."""
    redis = RedisGate(redis_url)
    return replace(
        parts,
        redis=lambda _url: redis,
        exams=lambda database, texts, minutes: sessions(redis, database, texts, minutes),
    )
