"""Every fiftieth request leaves 50 MiB behind that are never given back."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import ClassVar

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.tokens import AccessTokens, Identity

_LEFT_BYTES = 50 * 2**20


class GrowingTokens(AccessTokens):
    """Keeps a large object in some of the looks at a token."""

    _kept: ClassVar[list[bytes]] = []
    _turns: ClassVar[Iterator[int]] = count(1)

    async def _is_revoked(self, identity: Identity) -> bool:
        if next(self._turns) % 50 == 0:
            self._kept.append(b"x" * _LEFT_BYTES)
        return await super()._is_revoked(identity)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A platform that grows."""
    return replace(parts, tokens=GrowingTokens)
