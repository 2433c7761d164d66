"""Nobody is told that Redis is away: no warning reaches the log."""

from dataclasses import replace

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.settings import Settings


class SilentRedisGate(RedisGate):
    """Goes on without Redis, and without a word."""

    def _warn(self, op: str, **fields: object) -> None:
        """Nothing."""


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A platform that keeps its troubles to itself."""
    return replace(parts, redis=SilentRedisGate)
