"""A platform with one behaviour changed, as the defect tests make them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.applications import Starlette

from pytest_examday.platform.app import build_app
from pytest_examday.platform.exams import ExamSessions
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


class TroubledExamSessions(ExamSessions):
    """Lists slowly, and fails on every review."""

    async def list_own(self, user_id: UUID) -> list[dict[str, Any]]:
        """Hold a connection for longer than others are willing to wait."""
        async with self._database.queries() as queries:
            await queries.one("SELECT pg_sleep(4), %s::text", (str(user_id),))
        return []

    async def review(self, user_id: UUID, session_id: UUID) -> dict[str, Any]:
        """A programming error."""
        raise RuntimeError("the review is broken")


def create_app(settings: Settings) -> Starlette:
    """The troubled platform, impatient for connections."""
    return build_app(replace(settings, pool_timeout_seconds=1), Parts(exams=TroubledExamSessions))
