"""The job queue: jobs are claimed with a lease, counted by attempt, and finished once."""

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service import metrics
from pytest_examday.webhook_service.database import Connection, as_company, one
from pytest_examday.webhook_service.handlers import Handlers, JobFailed
from pytest_examday.webhook_service.settings import Settings

_CLAIM = """
    UPDATE job_queue SET state = 'active', attempts = attempts + 1, claimed_by = %s,
                         lease_until = now() + make_interval(secs => %s)
    WHERE id = (
        SELECT id FROM job_queue
        WHERE (state = 'waiting' AND run_at <= now()) OR (state = 'active' AND lease_until < now())
        ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, kind, payload, attempts, max_attempts
"""
_STILL_MINE = (
    "SELECT FROM job_queue WHERE id = %s AND state = 'active' AND claimed_by = %s AND attempts = %s FOR UPDATE"
)
_DONE = "UPDATE job_queue SET state = 'done', lease_until = NULL, finished_at = now(), last_error = NULL WHERE id = %s"
_AGAIN = """
    UPDATE job_queue SET state = 'waiting', lease_until = NULL, last_error = %s,
                         run_at = now() + make_interval(secs => %s)
    WHERE id = %s AND state = 'active' AND claimed_by = %s AND attempts = %s
"""
_FAILED = """
    UPDATE job_queue SET state = 'failed', lease_until = NULL, last_error = %s, finished_at = now()
    WHERE id = %s AND state = 'active' AND claimed_by = %s AND attempts = %s
"""
_BURY = """
    INSERT INTO queue.dead_jobs (job_id, company_id, kind, attempts, error) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (job_id) DO NOTHING
"""
_RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this process has claimed."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int
    max_attempts: int


class JobQueue:
    """The jobs of the companies, as one process works on them; `worker` is its name in `claimed_by`.

    All work is done on the connection that holds the company's lock, so that who loses the lock loses the work too.
    """

    def __init__(self, settings: Settings, handlers: Handlers, worker: str) -> None:
        self._lease = settings.lease_seconds
        self._handlers = handlers
        self._worker = worker

    async def work_off(self, connection: Connection, company: UUID, most: int) -> tuple[int, int]:
        """Do the jobs of a company that are due, at most so many. Returns how many were done and how many failed."""
        done = failed = 0
        while done + failed < most and (job := await self.claim(connection, company)) is not None:
            if await self.attempt(connection, company, job):
                done += 1
            else:
                failed += 1
        return done, failed

    async def claim(self, connection: Connection, company: UUID) -> Job | None:
        """A job that is due, with a lease for this process; None if there is none."""
        async with as_company(connection, company):
            row = await one(connection, _CLAIM, (self._worker, self._lease))
        return None if row is None else Job(**row)

    async def attempt(self, connection: Connection, company: UUID, job: Job) -> bool:
        """Do the job once; its effect and its end are one transaction. Returns whether it was done."""
        try:
            async with as_company(connection, company):
                await connection.execute(b"SET LOCAL statement_timeout = %d" % int(self._lease * 1000))
                if await one(connection, _STILL_MINE, (job.id, self._worker, job.attempts)) is None:
                    return False  # the lease ran out, and another process has the job
                await self._handlers.run(connection, job.kind, job.payload)
                await connection.execute(_DONE, (job.id,))
        except (JobFailed, psycopg.Error) as error:
            reason = type(error).__name__ if isinstance(error, psycopg.Error) else str(error)  # SQL may quote rows
            await self.give_back(connection, company, job, reason)
            return False
        metrics.JOBS.labels(job.kind, "done").inc()
        return True

    async def give_back(self, connection: Connection, company: UUID, job: Job, reason: str) -> None:
        """Let the job wait for its next attempt, or bury it after the last one."""
        mine = (job.id, self._worker, job.attempts)
        is_last = job.attempts >= job.max_attempts
        async with as_company(connection, company):
            if is_last:
                await connection.execute(_FAILED, (reason, *mine))
                await connection.execute(_BURY, (job.id, company, job.kind, job.attempts, reason))
            else:
                await connection.execute(_AGAIN, (reason, _RETRY_SECONDS * job.attempts, *mine))
        metrics.JOBS.labels(job.kind, "failed" if is_last else "retried").inc()
        level = logging.ERROR if is_last else logging.WARNING
        fields = {"job_id": str(job.id), "kind": job.kind, "attempt": job.attempts, "reason": reason}
        log_event(level, "job_failed", company=str(company), final=is_last, **fields)
