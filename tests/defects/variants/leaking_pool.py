"""Every worker has lost most connections of its pool to whoever never gave them back."""

from contextlib import AsyncExitStack
from dataclasses import replace

from pytest_examday.platform.database import Database
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_LEFT = 4


class LeakingDatabase(Database):
    """Keeps all connections but a few in use."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._leaks = settings.pool_limit - _LEFT
        self._leaked = AsyncExitStack()

    async def open(self) -> None:
        """Connect and leak."""
        await super().open()
        for _ in range(self._leaks):
            await self._leaked.enter_async_context(self.queries())

    async def close(self) -> None:
        """End the leaked connections with the others."""
        await self._leaked.aclose()
        await super().close()


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A pool that leaks connections."""
    return replace(parts, database=LeakingDatabase)
