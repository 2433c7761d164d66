"""The limit on accepted webhooks of one company."""

from uuid import UUID

from pytest_examday.webhook_service.database import Connection, one
from pytest_examday.webhook_service.settings import Settings

_COUNT = """
    INSERT INTO rate_limits AS r (company_id, window_started_at, accepted) VALUES (%s, now(), 1)
    ON CONFLICT (company_id) DO UPDATE SET
        window_started_at = CASE WHEN r.window_started_at > now() - interval '1 hour'
                                 THEN r.window_started_at ELSE now() END,
        accepted = CASE WHEN r.window_started_at > now() - interval '1 hour' THEN r.accepted + 1 ELSE 1 END
    RETURNING accepted, ceil(extract(epoch FROM window_started_at + interval '1 hour' - now()))::int AS seconds_left
"""


class TooMany(Exception):
    """A company has used up its webhooks of this hour; `seconds` is the time until the next hour begins."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"the limit is reached for {seconds} s")
        self.seconds = seconds


class RateLimit:
    """Counts in windows of one hour, which begin with the first webhook that is accepted after the one before."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.accepted_per_hour

    async def count(self, connection: Connection, company: UUID) -> None:
        """Count one webhook in the transaction that stores it. Raises TooMany, and then that transaction rolls back."""
        row = await one(connection, _COUNT, (company,))
        if row is not None and row["accepted"] > self._most:
            raise TooMany(max(1, row["seconds_left"]))
