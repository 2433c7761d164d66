"""One pass over the companies: their jobs that are due are done, by one process for each company at a time."""

import logging
import time
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import psycopg

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service import metrics, schedules
from pytest_examday.webhook_service.company_lock import CompanyLock
from pytest_examday.webhook_service.database import Connection, Database, as_company, every, one
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

    async def companies(self, connection: Connection) -> list[UUID]:
        """The ids of all companies."""
        return [row["id"] for row in await every(connection, "SELECT id FROM companies ORDER BY id")]

    async def companies_to_work_on(self, connection: Connection) -> list[UUID]:
        """The ids of the companies that have jobs that can be claimed now."""
        found = "SELECT companies_with_due_jobs() AS id"
        return [row["id"] for row in await every(connection, found)]

    async def run(self, only: UUID | None = None) -> Pass:
        """One pass over all companies, or over one. Raises `psycopg.Error` if the database is away."""
        began = time.perf_counter()
        counts: Counter[str] = Counter()
        async with self._database.connection() as connection:
            await schedules.started(connection, schedules.SCHEDULER)
            scope = {company for company in await self.companies(connection) if only in {None, company}}
            for company in await self.companies_to_work_on(connection):
                if company not in scope:
                    continue
                try:
                    counts.update(await self.work_on(connection, company))
                except psycopg.Error as error:
                    counts["broken"] += 1
                    log_event(logging.ERROR, "company_failed", company=str(company), error=type(error).__name__)
            failure = f"{counts['broken']} companies could not be worked on" if counts["broken"] else None
            await schedules.finished(connection, schedules.SCHEDULER, failure)
        metrics.PASSES.labels("failed" if failure else "done").inc()
        metrics.LAST_PASS.set(time.time())
        metrics.WAITING.set(counts["due"])
        seconds = round(time.perf_counter() - began, 4)
        named = {name: counts[name] for name in ("busy", "broken", "done", "failed", "due")}
        return Pass(companies=len(scope), seconds=seconds, **named)

    async def work_on(self, connection: Connection, company: UUID) -> dict[str, int]:
        """Do the company's jobs that are due, under its lock. Returns the counts of `Pass`."""
        if not await self._lock.take(connection, company):
            return {"busy": 1}
        try:
            done, failed = await self._queue.work_off(connection, company, _MOST_JOBS)
        finally:
            await self._lock.release(connection, company)
        return {"done": done, "failed": failed, "due": await self.due(connection, company)}

    async def due(self, connection: Connection, company: UUID) -> int:
        """The number of the company's jobs that can be claimed now."""
        async with as_company(connection, company):
            row = await one(connection, _DUE)
        return int(row["due"]) if row else 0
