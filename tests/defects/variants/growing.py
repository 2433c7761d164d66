"""Every request leaves memory behind that is never given back."""

from dataclasses import replace

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.tokens import AccessTokens, Identity

_LEFT_BYTES = 2**20


class GrowingTokens(AccessTokens):
    """Keeps a mebibyte for each token that it looks at."""

    _kept: list[bytes] = []  # noqa: RUF012 # that all of them share it is the defect

    async def _is_revoked(self, identity: Identity) -> bool:
        self._kept.append(b"x" * _LEFT_BYTES)
        return await super()._is_revoked(identity)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A platform that grows."""
    return replace(parts, tokens=GrowingTokens)
