"""Retention that removes too little, too much or the wrong half."""

from pytest_examday.webhook_service.database import Connection
from pytest_examday.webhook_service.retention import Forgotten, Retention

from .defects import planted

_HALF = """
    UPDATE events SET payload = '{}'
    WHERE (received_at AT TIME ZONE 'UTC')::date < (now() AT TIME ZONE 'UTC')::date - %s::int
"""


class LawlessRetention(Retention):
    """Counts wrongly, or forgets a part."""

    async def purge(self, connection: Connection) -> int:
        """Remove old payloads."""
        if planted("purges-half"):
            return (await connection.execute(_HALF, (self._payload_days,))).rowcount
        days = self._payload_days
        try:
            self._payload_days = days + _shift()
            return await super().purge(connection)
        finally:
            self._payload_days = days

    async def expire(self, connection: Connection) -> int:
        """Remove old events."""
        if planted("keeps-old-events"):
            return 0
        days = self._event_days
        try:
            self._event_days = days + _shift()
            return await super().expire(connection)
        finally:
            self._event_days = days

    async def remove(self, connection: Connection, person_ref: str) -> Forgotten:
        """Remove what is known about a person."""
        if not planted("forgets-half-of-a-person"):
            return await super().remove(connection, person_ref)
        found = "SELECT id FROM events WHERE person_ref = %s"
        ids = [row["id"] for row in await (await connection.execute(found, (person_ref,))).fetchall()]
        await connection.execute("DELETE FROM events WHERE id = ANY(%s)", (ids,))
        await connection.execute("DELETE FROM event_keys WHERE event_id = ANY(%s)", (ids,))
        return Forgotten(events=len(ids), cases=0, jobs=0)


def _shift() -> int:
    return -1 if planted("boundary-too-early") else 1 if planted("boundary-too-late") else 0
