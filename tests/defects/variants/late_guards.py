"""A broadcast that exam mode has refused is made all the same, ten seconds later."""

import asyncio
from dataclasses import replace

from pytest_examday.platform.admin import AdminOperations
from pytest_examday.platform.database import Database
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_LATER_SECONDS = 10.0
_BROADCAST = "INSERT INTO notifications (user_id, message) SELECT id, 'later' FROM users WHERE role = 'candidate'"


class BelatedOperations(AdminOperations):
    """Does later what it refuses now."""

    def __init__(self, database: Database, exam_mode: bool) -> None:
        super().__init__(database, exam_mode)
        self._due: set[asyncio.Task[None]] = set()

    def refuse_in_exam_mode(self, operation: str) -> None:
        """Refuses, and puts broadcasts on a list."""
        if operation == "notification broadcast":
            task = asyncio.create_task(self._broadcast_later())
            self._due.add(task)
            task.add_done_callback(self._due.discard)
        super().refuse_in_exam_mode(operation)

    async def _broadcast_later(self) -> None:
        await asyncio.sleep(_LATER_SECONDS)
        async with self._database.transaction() as queries:
            await queries.run(_BROADCAST)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Protected operations that put off."""
    return replace(parts, admin=BelatedOperations)
