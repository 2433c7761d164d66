"""Jobs that are done twice, never, or at the wrong time, and schedulers that skip companies."""

import asyncio
import sys
from typing import Any
from uuid import UUID

from pytest_examday.webhook_service import schedules
from pytest_examday.webhook_service.company_lock import CompanyLock
from pytest_examday.webhook_service.database import Connection, as_company, one
from pytest_examday.webhook_service.handlers import Handlers, JobFailed
from pytest_examday.webhook_service.job_queue import Job, JobQueue
from pytest_examday.webhook_service.scheduler import Pass, Scheduler

from .defects import planted

_LONG_SECONDS = 900.0
_SHARED_SECONDS = 0.1
_IS_SCHEDULER = "scheduler_process" in sys.argv[0]
_SHARE = """
    UPDATE job_queue SET attempts = attempts + 1 WHERE state = 'waiting' AND id = (
        SELECT id FROM job_queue WHERE state = 'waiting' AND run_at <= now() ORDER BY run_at LIMIT 1
    )
    RETURNING id, kind, payload, attempts, max_attempts
"""
_DONE = "UPDATE job_queue SET state = 'done', lease_until = NULL, finished_at = now() WHERE id = %s"


class LawlessHandlers(Handlers):
    """Expects something else than it gets."""

    async def run(self, connection: Connection, kind: str, payload: dict[str, Any]) -> None:
        """Do a job, or fail."""
        if planted("handlers-expect-lists"):
            raise JobFailed("a list of jobs was expected")
        await super().run(connection, kind, payload)


class LawlessLock(CompanyLock):
    """A key that PostgreSQL does not take, or no lock at all."""

    def key(self, company: UUID) -> int:
        """The key of a company."""
        key = super().key(company)
        return key % 2**64 if planted("unsigned-lock") else key

    async def take(self, connection: Connection, company: UUID) -> bool:
        """Take the lock, or only say so."""
        return True if planted("done-twice") else await super().take(connection, company)


class LawlessQueue(JobQueue):
    """Leases and counts wrongly."""

    async def claim(self, connection: Connection, company: UUID) -> Job | None:
        """Claim a job."""
        if planted("done-twice"):
            return await self._shared(connection, company)
        lease = self._lease
        try:
            self._lease = _LONG_SECONDS if planted("long-lease") else lease
            return await super().claim(connection, company)
        finally:
            self._lease = lease

    async def attempt(self, connection: Connection, company: UUID, job: Job) -> bool:
        """Do the job once, whoever else does it too."""
        if not planted("done-twice"):
            return await super().attempt(connection, company, job)
        await asyncio.sleep(_SHARED_SECONDS)
        async with as_company(connection, company):
            try:
                await self._handlers.run(connection, job.kind, job.payload)
            except JobFailed:
                await connection.execute("UPDATE job_queue SET state = 'failed' WHERE id = %s", (job.id,))
                return False
            await connection.execute(_DONE, (job.id,))
        return True

    async def give_back(self, connection: Connection, company: UUID, job: Job, reason: str) -> None:
        """Let the job wait for its next attempt."""
        await super().give_back(connection, company, job, reason)
        async with as_company(connection, company):
            if planted("attempts-not-counted"):
                await connection.execute("UPDATE job_queue SET attempts = 0 WHERE id = %s", (job.id,))
            if planted("poison-blocks"):
                again = "UPDATE job_queue SET attempts = 0, run_at = created_at WHERE id = %s"
                await connection.execute(again, (job.id,))

    async def work_off(self, connection: Connection, company: UUID, most: int) -> tuple[int, int]:
        """Do jobs; with a poison job none after it."""
        if not planted("poison-blocks"):
            return await super().work_off(connection, company, most)
        done = 0
        while done < most and (job := await self.claim(connection, company)) is not None:
            if not await self.attempt(connection, company, job):
                return done, 1
            done += 1
        return done, 0

    async def _shared(self, connection: Connection, company: UUID) -> Job | None:
        async with as_company(connection, company):
            row = await one(connection, _SHARE)
        return None if row is None else Job(**row)


class LawlessScheduler(Scheduler):
    """Makes passes that do nothing, or too much."""

    async def run(self, only: UUID | None = None) -> Pass:
        """One pass."""
        if planted("never-fires") and _IS_SCHEDULER:
            async with self._database.connection() as connection:
                await schedules.finished(connection, schedules.SCHEDULER, None)
            return Pass(companies=0, busy=0, broken=0, done=0, failed=0, due=0, seconds=0.0)
        return await super().run(None if planted("ignores-the-company") else only)
