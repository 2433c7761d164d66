"""Removes old payloads and events, and what is known about a person who asks for it."""

from dataclasses import asdict, dataclass
from uuid import UUID

from pytest_examday.webhook_service import schedules
from pytest_examday.webhook_service.database import Connection, Database, every
from pytest_examday.webhook_service.encryption import Encryption
from pytest_examday.webhook_service.settings import Settings

_PURGE = """
    UPDATE events SET payload_encrypted = NULL, payload = '{}', payload_purged_at = now()
    WHERE payload_purged_at IS NULL
      AND (received_at AT TIME ZONE 'UTC')::date < (now() AT TIME ZONE 'UTC')::date - %s::int
"""
_EXPIRE = """
    DELETE FROM events WHERE (received_at AT TIME ZONE 'UTC')::date < (now() AT TIME ZONE 'UTC')::date - %s::int
    RETURNING id
"""
_KEYS = "DELETE FROM event_keys WHERE event_id = ANY(%s)"
_OLD_JOBS = (
    "DELETE FROM job_queue WHERE state IN ('done', 'failed') AND finished_at < now() - make_interval(days => %s)"
)
_PARTITION = "SELECT ensure_event_partition(now() + interval '1 month')"
_EVENTS_OF = "DELETE FROM events WHERE person_ref = %s RETURNING id"
_JOBS_OF = """
    DELETE FROM job_queue WHERE payload ->> 'action_id' IN (
        SELECT a.id::text FROM recovery_actions a JOIN recovery_cases c ON c.id = a.case_id WHERE c.person_ref = %s
    )
"""
_CASES_OF = "DELETE FROM recovery_cases WHERE person_ref = %s"


@dataclass(frozen=True, slots=True)
class Removed:
    """What one run of the retention removed."""

    companies: int
    payloads_purged: int
    events_deleted: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed for a person."""

    events: int
    cases: int
    jobs: int


class Retention:
    """Counts days in UTC by date: a payload is still there on its last day, and gone when that day is over."""

    def __init__(self, settings: Settings, database: Database, encryption: Encryption) -> None:
        self._payload_days = settings.payload_days
        self._event_days = settings.event_days
        self._database = database
        self._encryption = encryption

    async def run(self) -> Removed:
        """Remove what is too old, company by company, and make the partition of the next month."""
        async with self._database.connection() as connection:
            await schedules.started(connection, schedules.RETENTION)
            await connection.execute(_PARTITION)
            companies = [row["id"] for row in await every(connection, "SELECT id FROM companies ORDER BY id")]
        purged = deleted = 0
        for company in companies:
            async with self._database.company(company) as scoped:
                deleted += await self.expire(scoped)
                purged += await self.purge(scoped)
                await scoped.execute(_OLD_JOBS, (self._event_days,))
        async with self._database.connection() as connection:
            await schedules.finished(connection, schedules.RETENTION, None)
        return Removed(len(companies), purged, deleted)

    async def purge(self, connection: Connection) -> int:
        """Remove both forms of the payloads that are too old; returns their number."""
        return (await connection.execute(_PURGE, (self._payload_days,))).rowcount

    async def expire(self, connection: Connection) -> int:
        """Remove the events that are too old; returns their number."""
        ids = [row["id"] for row in await every(connection, _EXPIRE, (self._event_days,))]
        await connection.execute(_KEYS, (ids,))
        return len(ids)

    async def forget(self, company: UUID, person: str) -> Forgotten:
        """Remove everything about a person of a company."""
        person_ref = self._encryption.person_ref(str(company), person)
        async with self._database.company(company) as connection:
            return await self.remove(connection, person_ref)

    async def remove(self, connection: Connection, person_ref: str) -> Forgotten:
        """Remove events, jobs and cases of the person, with all that refers to them."""
        jobs = (await connection.execute(_JOBS_OF, (person_ref,))).rowcount
        cases = (await connection.execute(_CASES_OF, (person_ref,))).rowcount
        ids = [row["id"] for row in await every(connection, _EVENTS_OF, (person_ref,))]
        await connection.execute(_KEYS, (ids,))
        return Forgotten(events=len(ids), cases=cases, jobs=jobs)


def as_json(counts: Removed | Forgotten) -> dict[str, int]:
    """The counts by name."""
    return asdict(counts)
