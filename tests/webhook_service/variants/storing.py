"""Events that are lost, stored twice or stored readably."""

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service.database import Connection, one
from pytest_examday.webhook_service.encryption import Encryption
from pytest_examday.webhook_service.event import BadEvent, Event
from pytest_examday.webhook_service.event_store import EventStore, Stored
from pytest_examday.webhook_service.intake import Intake
from pytest_examday.webhook_service.recovery import Recovery

from .defects import planted

_KNOWN = "SELECT event_id FROM event_keys WHERE company_id = %s AND external_id = %s"
_KEY = "INSERT INTO event_keys (company_id, external_id) VALUES (%s, %s) RETURNING event_id"
_LOOKED_SECONDS = 0.3
_FALLBACK = (0, 1, 3)
_ADDRESS = """
    UPDATE job_queue SET payload = payload || %s WHERE payload ->> 'action_id' IN (
        SELECT a.id::text FROM recovery_actions a JOIN recovery_cases c ON c.id = a.case_id WHERE c.person_ref = %s
    )
"""


class LawlessEncryption(Encryption):
    """Encrypts by name only."""

    def payload(self, document: dict[str, Any]) -> bytes:
        """The payload, encrypted or not."""
        return json.dumps(document).encode() if planted("plain-payload") else super().payload(document)


class LawlessIntake(Intake):
    """Takes in what it must refuse."""

    async def take(self, company: str, headers: Mapping[str, str], body: bytes) -> Stored:
        """Take a webhook in."""
        if planted("odd-shape-accepted") and not _is_object(body):
            return Stored(uuid.uuid4(), duplicate=False)
        if planted("limit-before-signature"):
            await self._count_first(UUID(company))
        try:
            return await super().take(company, headers, body)
        except BadEvent as problem:
            if planted("unknown-type-accepted") and str(problem).startswith("type"):
                return Stored(uuid.uuid4(), duplicate=False)
            raise

    async def _count_first(self, company: UUID) -> None:
        store = self._store
        async with store._database.company(company) as connection:
            await store._limit.count(connection, company)


class LawlessStore(EventStore):
    """Loses or doubles events, or tells about people."""

    async def store(self, company: UUID, event: Event) -> Stored:
        """Store the event, or do not."""
        if planted("loses-events"):
            return Stored(uuid.uuid4(), duplicate=False)
        if planted("personal-logs"):
            log_event(logging.INFO, "storing", person=event.person)
        if planted("duplicates-fail") or planted("two-effects"):
            return await self._look_first(company, event)
        return await super().store(company, event)

    async def store_once(self, connection: Connection, company: UUID, event: Event) -> Stored:
        """Store the event, and the person's address in its jobs."""
        stored = await super().store_once(connection, company, event)
        if planted("personal-jobs"):
            person_ref = self._encryption.person_ref(str(company), event.person)
            await connection.execute(_ADDRESS, (Jsonb({"to": event.person}), person_ref))
        return stored

    async def _look_first(self, company: UUID, event: Event) -> Stored:
        """Look first and store then: deliveries at the same moment all find nothing."""
        async with self._database.company(company) as connection:
            is_new = await one(connection, _KNOWN, (company, event.external_id)) is None
        if is_new:
            await asyncio.sleep(_LOOKED_SECONDS)
        stored = await super().store(company, event)
        if not (is_new and stored.duplicate):
            return stored
        if planted("duplicates-fail"):
            raise RuntimeError("the event is stored already")
        async with self._database.company(company) as connection:
            key = await one(connection, _KEY, (company, f"{event.external_id}#{uuid.uuid4()}"))
            assert key is not None, "an insert returns its row"
            person_ref = self._encryption.person_ref(str(company), event.person)
            await self.insert(connection, company, key["event_id"], person_ref, event)
            await self._recovery.attribute(connection, company, person_ref, key["event_id"], event.type)
        return Stored(key["event_id"], duplicate=False)


class LawlessRecovery(Recovery):
    """Opens no cases, or with wrong reminders."""

    async def attribute(self, connection: Connection, company: UUID, person_ref: str, event: UUID, kind: str) -> None:
        """Do what the event asks for, or do not."""
        if not planted("no-recovery-case"):
            await super().attribute(connection, company, person_ref, event, kind)

    async def schedule(self, connection: Connection, company: UUID, case: UUID, offsets: Sequence[int]) -> None:
        """Schedule the reminders, on other days or without jobs."""
        await super().schedule(connection, company, case, _FALLBACK if planted("wrong-offsets") else offsets)
        if planted("job-not-sent"):
            await connection.execute(
                "DELETE FROM job_queue WHERE payload ->> 'action_id' IN "
                "(SELECT id::text FROM recovery_actions WHERE case_id = %s)",
                (case,),
            )


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
