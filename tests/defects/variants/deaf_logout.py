"""While Redis is away a logout is acknowledged, and the access token works on."""

from dataclasses import replace

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.tokens import AccessTokens, Identity


class DeafTokens(AccessTokens):
    """Says of every token that it is revoked."""

    async def revoke(self, identity: Identity) -> bool:
        """Revoke the token if Redis is there; claim it in any case."""
        await super().revoke(identity)
        return True


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Tokens that outlive their logout."""
    return replace(parts, tokens=DeafTokens)
