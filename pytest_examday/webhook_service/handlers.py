"""What jobs do, by kind."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from pytest_examday.webhook_service.database import Connection, one
from pytest_examday.webhook_service.recovery import REMINDER

_SEND = """
    UPDATE recovery_actions SET state = 'sent', sent_at = now() WHERE id = %s AND state = 'scheduled' RETURNING id
"""
_KNOWN = "SELECT state FROM recovery_actions WHERE id = %s"

Handler = Callable[[Connection, dict[str, Any]], Awaitable[None]]


class JobFailed(Exception):
    """A job could not be done; the message says why and holds no personal data."""


class Handlers:
    """One coroutine function for each kind of job. It works in the transaction that finishes the job."""

    @property
    def kinds(self) -> Mapping[str, Handler]:
        """The function of each kind."""
        return {REMINDER: self.remind}

    async def run(self, connection: Connection, kind: str, payload: dict[str, Any]) -> None:
        """Do a job. Raises JobFailed."""
        handler = self.kinds.get(kind)
        if handler is None:
            raise JobFailed(f"no handler for {kind!r}")
        await handler(connection, payload)

    async def remind(self, connection: Connection, payload: dict[str, Any]) -> None:
        """Send a reminder of a recovery case, unless it was cancelled or sent."""
        try:
            action = UUID(str(payload["action_id"]))
        except (KeyError, TypeError, ValueError):
            raise JobFailed("the payload names no action") from None
        if await one(connection, _SEND, (action,)) is None and await one(connection, _KNOWN, (action,)) is None:
            raise JobFailed("the action does not exist")
