"""One pass over the companies: their jobs that are due are done, by one process for each company at a time."""

import logging
import time
from dataclasses import dataclass
from uuid import UUID

import psycopg

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service import metrics, schedules
from pytest_examday.webhook_service.company_lock import CompanyLock
from pytest_examday.webhook_service.database import Database, every, one
from pytest_examday.webhook_service.job_queue import JobQueue

_MOST_JOBS = 200
"""Jobs of one company in one pass, so that a company with many does not keep the others waiting."""
_DUE = """
    SELECT count(*) AS due FROM job_queue
    WHERE (state = 'waiting' AND run_at <= now()) OR (state = 'active' AND lease_until < now())
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did. `busy` counts companies that another process was working on, `broken` those with an error."""

    companies: int
    busy: int
    broken: int
    done: int
    failed: int
    due: int
    seconds: float


class Scheduler:
    """Works off the queue, company by company. Several schedulers may run at once."""

    def __init__(self, database: Database, queue: JobQueue, lock: CompanyLock) -> None:
        self._database = database
        self._queue = queue
        self._lock = lock

    async def companies(self) -> list[UUID]:
        """The ids of all companies."""
        async with self._database.connection() as connection:
            return [row["id"] for row in await every(connection, "SELECT id FROM companies ORDER BY id")]

    async def run(self, only: UUID | None = None) -> Pass:
        """One pass over all companies, or over one. Raises `psycopg.Error` if the database is away."""
        started = time.perf_counter()
        async with self._database.connection() as connection:
            await schedules.started(connection, schedules.SCHEDULER)
        found = await self.companies()
        chosen = found if only is None else [company for company in found if company == only]
        busy, errors, done, failed, due = 0, [], 0, 0, 0
        for company in chosen:
            try:
                worked = await self.work_on(company)
            except psycopg.Error as error:
                errors.append(type(error).__name__)
                log_event(logging.ERROR, "company_failed", company=str(company), error=type(error).__name__)
                continue
            if worked is None:
                busy += 1
                continue
            done, failed, due = done + worked[0], failed + worked[1], due + worked[2]
        async with self._database.connection() as connection:
            await schedules.finished(connection, schedules.SCHEDULER, errors[0] if errors else None)
        metrics.PASSES.labels("failed" if errors else "done").inc()
        metrics.LAST_PASS.set(time.time())
        metrics.WAITING.set(due)
        return Pass(len(chosen), busy, len(errors), done, failed, due, round(time.perf_counter() - started, 4))

    async def work_on(self, company: UUID) -> tuple[int, int, int] | None:
        """Do the company's jobs under its lock: how many were done, how many failed, how many are still due. None if
        another process holds the lock."""
        async with self._database.connection() as connection:
            if not await self._lock.take(connection, company):
                return None
            try:
                done, failed = await self._queue.work_off(company, _MOST_JOBS)
            finally:
                await self._lock.release(connection, company)
        async with self._database.company(company) as connection:
            row = await one(connection, _DUE)
        return done, failed, int(row["due"]) if row else 0
