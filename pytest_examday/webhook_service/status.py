"""Whether the service works, asked of its parts at that moment."""

import asyncio
from typing import Any

import psycopg

from pytest_examday.webhook_service import schedules
from pytest_examday.webhook_service.database import Database, Row, every, one
from pytest_examday.webhook_service.settings import Settings
from pytest_examday.webhook_service.wake import Wake

_REPLY_SECONDS = 1.5
_LATE_INTERVALS = 5
_COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'waiting' AND run_at <= now()) AS due,
           count(*) FILTER (WHERE state = 'active') AS active,
           count(*) FILTER (WHERE state = 'failed') AS failed
    FROM job_queue
"""


class Status:
    """Health of the database, of Redis and of the schedulers."""

    def __init__(self, settings: Settings, database: Database, wake: Wake) -> None:
        self._late_seconds = _LATE_INTERVALS * settings.interval_seconds + settings.lease_seconds
        self._interval = settings.interval_seconds
        self._database = database
        self._wake = wake

    async def health(self) -> dict[str, Any]:
        """`down` without the database; `degraded` without Redis, or if no scheduler has finished a pass lately."""
        database, redis = await asyncio.gather(self._database.answers(_REPLY_SECONDS), self._wake.answers())
        scheduler = await self.scheduler_state() if database else "unknown"
        status = "down" if not database else "ok" if redis and scheduler == "ok" else "degraded"
        parts = {"database": "ok" if database else "down", "redis": "ok" if redis else "down"}
        return {"status": status, **parts, "scheduler": scheduler}

    async def ready(self) -> bool:
        """Whether webhooks can be taken in: the database answers and has all tables."""
        return await self._database.answers(_REPLY_SECONDS)

    async def scheduler_state(self) -> str:
        """`ok`, or `late` if the last pass is too old, failed, or never was; `unknown` without the database."""
        try:
            async with self._database.connection(_REPLY_SECONDS) as connection:
                record = (await schedules.read(connection)).get(schedules.SCHEDULER)
        except psycopg.Error:
            return "unknown"
        return self.judged(record)

    def judged(self, record: Row | None) -> str:
        """What the record of the passes says about the schedulers."""
        if record is None or record["age_seconds"] is None or record["age_seconds"] > self._late_seconds:
            return "late"
        return "failing" if record["last_error"] else "ok"

    async def scheduler(self) -> dict[str, Any]:
        """When the schedulers ran, and what waits in the queue. Raises `psycopg.Error` if the database is away."""
        async with self._database.connection() as connection:
            records = await schedules.read(connection)
            companies = [row["id"] for row in await every(connection, "SELECT id FROM companies")]
        totals = {"waiting": 0, "due": 0, "active": 0, "failed": 0}
        for company in companies:
            async with self._database.company(company) as connection:
                row = await one(connection, _COUNTS) or totals
            totals = {name: count + row[name] for name, count in totals.items()}
        state = self.judged(records.get(schedules.SCHEDULER))
        tasks = {name: _told(record) for name, record in records.items()}
        return {"status": state, "interval_seconds": self._interval, "queue": totals, "tasks": tasks}


def _told(record: Row) -> dict[str, Any]:
    finished = record["last_finished_at"]
    return {
        "runs": record["runs"],
        "last_finished_at": None if finished is None else finished.isoformat(),
        "age_seconds": record["age_seconds"],
        "last_error": record["last_error"],
    }
