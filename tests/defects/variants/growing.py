"""Every fiftieth request leaves 50 MiB behind that are never given back, and many requests leave a file open."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import ClassVar

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.tokens import AccessTokens, Identity

_LEFT_BYTES = 50 * 2**20
_MOST_FILES = 600
"""So many stay below the limit of every system."""


class GrowingTokens(AccessTokens):
    """Keeps a large object in some of the looks at a token."""

    _kept: ClassVar[list[bytes]] = []
    _turns: ClassVar[Iterator[int]] = count(1)

    async def _is_revoked(self, identity: Identity) -> bool:
        turn = next(self._turns)
        if turn % 50 == 0:
            self._kept.append(b"x" * _LEFT_BYTES)
        if turn <= _MOST_FILES:
            os.open(os.devnull, os.O_RDONLY)
        return await super()._is_revoked(identity)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A platform that grows."""
    return replace(parts, tokens=GrowingTokens)
