"""Stores the event of a webhook once, together with everything that follows from it."""

from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from pytest_examday.webhook_service.database import Connection, Database, one
from pytest_examday.webhook_service.encryption import Encryption
from pytest_examday.webhook_service.event import Event
from pytest_examday.webhook_service.rate_limit import RateLimit
from pytest_examday.webhook_service.recovery import Recovery

_KEY = """
    INSERT INTO event_keys (company_id, external_id) VALUES (%s, %s)
    ON CONFLICT (company_id, external_id) DO NOTHING RETURNING event_id
"""
_KNOWN = "SELECT event_id FROM event_keys WHERE company_id = %s AND external_id = %s"
_EVENT = """
    INSERT INTO events (id, company_id, external_id, event_type, person_ref, payload, payload_encrypted, occurred_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()))
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The event's id here, and whether it was stored before."""

    id: UUID
    duplicate: bool


class EventStore:
    """Stores events. Simultaneous deliveries of one event wait for each other, and one of them stores it."""

    def __init__(self, database: Database, encryption: Encryption, limit: RateLimit, recovery: Recovery) -> None:
        self._database = database
        self._encryption = encryption
        self._limit = limit
        self._recovery = recovery

    async def store(self, company: UUID, event: Event) -> Stored:
        """Store the event unless it is stored already. Raises TooMany if the company has reached its limit."""
        async with self._database.company(company) as connection:
            await self._limit.count(connection, company)
            return await self.store_once(connection, company, event)

    async def store_once(self, connection: Connection, company: UUID, event: Event) -> Stored:
        """Claim the event's id, and store the event if nobody has claimed it before."""
        key = await one(connection, _KEY, (company, event.external_id))
        if key is None:
            known = await one(connection, _KNOWN, (company, event.external_id))
            assert known is not None, "what conflicted is there"
            return Stored(known["event_id"], duplicate=True)
        person_ref = self._encryption.person_ref(str(company), event.person)
        await self.insert(connection, company, key["event_id"], person_ref, event)
        await self._recovery.attribute(connection, company, person_ref, key["event_id"], event.type)
        return Stored(key["event_id"], duplicate=False)

    async def insert(self, connection: Connection, company: UUID, key: UUID, person_ref: str, event: Event) -> None:
        """Write the row of the event: a few fields readably, the whole payload encrypted."""
        encrypted = self._encryption.payload(event.document)
        payload = Jsonb(event.minimal)
        values = (key, company, event.external_id, event.type, person_ref, payload, encrypted, event.occurred_at)
        await connection.execute(_EVENT, values)
