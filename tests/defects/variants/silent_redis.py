"""Nobody is told that Redis is away: no warning reaches the log."""

from fastapi import FastAPI

from pytest_examday.platform.app import build_app
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.services import Parts
from pytest_examday.platform.settings import Settings


class SilentRedisGate(RedisGate):
    """Goes on without Redis, and without a word."""

    def _warn(self, op: str, **fields: object) -> None:
        """Nothing."""


def create_app(settings: Settings) -> FastAPI:
    """The platform that keeps its troubles to itself."""
    return build_app(settings, Parts(redis=SilentRedisGate))
