"""Answers are acknowledged before they are safe: whichever worker is told to end, the last answers of all are lost."""

from dataclasses import replace

from pytest_examday.platform.database import Database
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_LOSE_LAST_ANSWERS = """
    WITH last AS (SELECT session_id, question_id FROM session_answers ORDER BY saved_at DESC LIMIT 20),
         events AS (DELETE FROM attempt_events e USING last WHERE e.session_id = last.session_id
                    AND e.question_id = last.question_id)
    DELETE FROM session_answers a USING last WHERE a.session_id = last.session_id AND a.question_id = last.question_id
"""
"""A number of answers and not those of the last seconds, because a busy machine is slow to end a worker; those of all
workers, because by chance the worker that ends may have served no candidate."""


class WriteBehindDatabase(Database):
    """Ends as one does whose queue is in memory alone."""

    async def close(self) -> None:
        """What was in the queue was never written."""
        async with self.transaction() as queries:
            await queries.run(_LOSE_LAST_ANSWERS)
        await super().close()


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Answers that are acknowledged too early."""
    return replace(parts, database=WriteBehindDatabase)
