"""Recovery cases: what the service does about a payment that failed."""

from collections.abc import Sequence
from uuid import UUID

from pytest_examday.webhook_service.database import Connection, every, one
from pytest_examday.webhook_service.settings import Settings

REMINDER = "reminder"
_OPEN_OR_JOIN = """
    INSERT INTO recovery_cases AS c (company_id, person_ref, first_event_id) VALUES (%s, %s, %s)
    ON CONFLICT (company_id, person_ref) WHERE state = 'open' DO UPDATE SET event_count = c.event_count + 1
    RETURNING id, event_count = 1 AS opened
"""
_SCHEDULE = """
    WITH actions AS (
        INSERT INTO recovery_actions (company_id, case_id, kind, offset_days, scheduled_for)
        SELECT %s, %s, 'reminder', days, now() + make_interval(days => days) FROM unnest(%s::int[]) AS days
        RETURNING id, company_id, kind, scheduled_for
    )
    INSERT INTO job_queue (company_id, kind, payload, run_at)
    SELECT company_id, kind, jsonb_build_object('action_id', id), scheduled_for FROM actions
"""
_ASSIGN = """
    INSERT INTO experiment_assignments (company_id, experiment_id, case_id, variant)
    SELECT company_id, id, %(case)s, variants[1 + mod(abs(hashtext(%(case)s::text)::bigint), cardinality(variants))]
    FROM experiments WHERE company_id = %(company)s
    ON CONFLICT DO NOTHING
"""
_RECOVER = """
    UPDATE recovery_cases SET state = 'recovered', closed_at = now()
    WHERE company_id = %s AND person_ref = %s AND state = 'open' RETURNING id
"""
_CANCEL = """
    UPDATE recovery_actions SET state = 'cancelled' WHERE case_id = %s AND state = 'scheduled' RETURNING id::text
"""
_FORGET = "DELETE FROM job_queue WHERE state = 'waiting' AND payload ->> 'action_id' = ANY(%s)"


class Recovery:
    """Opens, joins and closes cases. Everything happens in the transaction that stores the event."""

    def __init__(self, settings: Settings) -> None:
        self._offsets = settings.offset_days

    async def attribute(self, connection: Connection, company: UUID, person_ref: str, event: UUID, kind: str) -> None:
        """Do what an event of this kind asks for."""
        if kind == "payment_failed":
            await self.open_or_join(connection, company, person_ref, event)
        elif kind == "payment_succeeded":
            await self.recover(connection, company, person_ref)

    async def open_or_join(self, connection: Connection, company: UUID, person_ref: str, event: UUID) -> None:
        """Open a case with its reminders, or count the event in the person's open case."""
        case = await one(connection, _OPEN_OR_JOIN, (company, person_ref, event))
        if case is None or not case["opened"]:
            return
        await self.schedule(connection, company, case["id"], self._offsets)
        await connection.execute(_ASSIGN, {"case": case["id"], "company": company})

    async def schedule(self, connection: Connection, company: UUID, case: UUID, offsets: Sequence[int]) -> None:
        """Put the reminders that are due after so many days into the queue."""
        await connection.execute(_SCHEDULE, (company, case, list(offsets)))

    async def recover(self, connection: Connection, company: UUID, person_ref: str) -> None:
        """Close the person's open case and cancel its reminders."""
        for case in await every(connection, _RECOVER, (company, person_ref)):
            cancelled = [row["id"] for row in await every(connection, _CANCEL, (case["id"],))]
            await connection.execute(_FORGET, (cancelled,))
