"""Limits that differ from the promised one."""

import os
import time
from pathlib import Path
from uuid import UUID

from pytest_examday.webhook_service.database import Connection
from pytest_examday.webhook_service.rate_limit import RateLimit, TooMany

from .defects import VARIABLE, planted

_SHARED_SECONDS = 5


class LawlessLimit(RateLimit):
    """Counts wrongly."""

    async def count(self, connection: Connection, company: UUID) -> None:
        """Count one webhook, or do not."""
        if planted("no-limit"):
            return
        reached = Path(os.environ[VARIABLE]).with_name("limit-reached")
        shared = planted("limit-for-everybody")
        if shared and reached.exists() and time.time() - reached.stat().st_mtime < _SHARED_SECONDS:
            raise TooMany(_SHARED_SECONDS)
        promised = self._most
        try:
            self._most = promised // 2 if planted("limit-too-low") else promised
            await super().count(connection, company)
        except TooMany:
            if shared:
                reached.touch()
            raise
        finally:
            self._most = promised
