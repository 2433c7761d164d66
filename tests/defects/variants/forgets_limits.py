"""Once every worker has been started again there are no rate limits."""

from dataclasses import replace

from pytest_examday.platform.limits import RateLimits
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import all_restarted


class NoLimits(RateLimits):
    """Everybody may do anything as often as they like."""

    async def retry_after(self, limits: dict[str, int]) -> int | None:
        """Never."""
        return None


def plant(parts: Parts, _settings: Settings) -> Parts:
    """No limits after the restart."""
    return replace(parts, limits=NoLimits) if all_restarted() else parts
