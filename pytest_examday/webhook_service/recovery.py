"""Recovery cases: what the service does about a payment that failed."""

from uuid import UUID

from psycopg.types.json import Jsonb

from pytest_examday.webhook_service.database import Connection, every, one
from pytest_examday.webhook_service.settings import Settings

REMINDER = "reminder"
_OPEN_OR_JOIN = """
    INSERT INTO recovery_cases AS c (company_id, person_ref, first_event_id) VALUES (%s, %s, %s)
    ON CONFLICT (company_id, person_ref) WHERE state = 'open' DO UPDATE SET event_count = c.event_count + 1
    RETURNING id, event_count = 1 AS opened
"""
_ACTION = """
    INSERT INTO recovery_actions (company_id, case_id, kind, offset_days, scheduled_for)
    VALUES (%s, %s, 'reminder', %s, now() + make_interval(days => %s))
    RETURNING id, scheduled_for
"""
_JOB = "INSERT INTO job_queue (company_id, kind, payload, run_at) VALUES (%s, %s, %s, %s)"
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
        for days in self._offsets:
            await self.schedule(connection, company, case["id"], days)
        await connection.execute(_ASSIGN, {"case": case["id"], "company": company})

    async def schedule(self, connection: Connection, company: UUID, case: UUID, days: int) -> None:
        """Put the reminder that is due after `days` into the queue."""
        action = await one(connection, _ACTION, (company, case, days, days))
        assert action is not None, "an insert returns its row"
        payload = Jsonb({"action_id": str(action["id"])})
        await connection.execute(_JOB, (company, REMINDER, payload, action["scheduled_for"]))

    async def recover(self, connection: Connection, company: UUID, person_ref: str) -> None:
        """Close the person's open case and cancel its reminders."""
        for case in await every(connection, _RECOVER, (company, person_ref)):
            cancelled = [row["id"] for row in await every(connection, _CANCEL, (case["id"],))]
            await connection.execute(_FORGET, (cancelled,))
