"""The record of when each scheduled task ran."""

from pytest_examday.webhook_service.database import Connection, Row, every

SCHEDULER = "scheduler"
RETENTION = "retention"
_START = """
    INSERT INTO queue.schedules (name, last_started_at) VALUES (%s, now())
    ON CONFLICT (name) DO UPDATE SET last_started_at = now()
"""
_FINISH = """
    UPDATE queue.schedules SET last_finished_at = now(), runs = runs + 1, last_error = %s WHERE name = %s
"""
_READ = """
    SELECT name, runs, last_error, last_started_at, last_finished_at,
           extract(epoch FROM now() - last_finished_at)::float8 AS age_seconds
    FROM queue.schedules ORDER BY name
"""


async def started(connection: Connection, name: str) -> None:
    """Note that a task begins."""
    await connection.execute(_START, (name,))


async def finished(connection: Connection, name: str, error: str | None) -> None:
    """Note that a task has ended, and what was wrong."""
    await connection.execute(_FINISH, (error, name))


async def read(connection: Connection) -> dict[str, Row]:
    """The record of each task."""
    return {row["name"]: row for row in await every(connection, _READ)}
