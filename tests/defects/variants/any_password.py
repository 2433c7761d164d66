"""While Redis is away any password logs in."""

from dataclasses import replace

from pytest_examday.platform.auth import Auth
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


class TrustingAuth(Auth):
    """Believes everybody who comes while Redis is away."""

    async def _verify(self, password: str, stored: str) -> bool:
        return not self._limits._redis.available or await super()._verify(password, stored)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Open doors."""
    return replace(parts, auth=TrustingAuth)
