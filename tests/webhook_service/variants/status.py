"""A status that is always good."""

from typing import Any

from pytest_examday.webhook_service.database import Row
from pytest_examday.webhook_service.status import Status

from .defects import planted


class LawlessStatus(Status):
    """Says that all is well."""

    async def health(self) -> dict[str, Any]:
        """The state of every part."""
        if planted("always-healthy"):
            return {"status": "ok", "database": "ok", "redis": "ok", "scheduler": "ok"}
        return await super().health()

    async def ready(self) -> bool:
        """Whether webhooks can be taken in."""
        return planted("always-healthy") or await super().ready()

    def judged(self, record: Row | None) -> str:
        """What the record of the passes says."""
        return "ok" if planted("always-healthy") else super().judged(record)
