"""The heavy admin operations, which exam mode refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from starlette.exceptions import HTTPException

from pytest_examday.platform.database import Database, Queries
from pytest_examday.platform.invalid_request import InvalidRequest

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ImportedQuestion:
    """One question of a bulk import; ``choices`` maps keys to texts."""

    stem: str
    choices: dict[str, str]
    correct_choice: str
    theme_id: int


class AdminOperations:
    """Six small but real bulk operations; each run is recorded in ``admin_runs``."""

    def __init__(self, database: Database, exam_mode: bool) -> None:
        self._database = database
        self._exam_mode = exam_mode

    def refuse_in_exam_mode(self, operation: str) -> None:
        """Raise HTTPException 403 in exam mode."""
        if self._exam_mode:
            raise HTTPException(403, f"exam mode: {operation} is disabled")

    async def recompute_mastery(self, admin: UUID) -> Row:
        """Compute every mastery level again from its counts."""
        return await self._run("bkt_recompute", admin, _RECOMPUTE)

    async def rank(self, admin: UUID) -> Row:
        """Rank the candidates by the sum of their scores."""
        return await self._run("rank_run", admin, _RANK)

    async def calibrate_items(self, admin: UUID) -> Row:
        """Estimate each answered question's difficulty (share of wrong answers)."""
        return await self._run("irt_run", admin, _CALIBRATE)

    async def drain_outbox(self, admin: UUID) -> Row:
        """Mark all pending mails as sent."""
        return await self._run("email_outbox_drain", admin, _DRAIN)

    async def broadcast(self, admin: UUID, message: str) -> Row:
        """Write a notification for every candidate."""
        return await self._run("notification_broadcast", admin, _BROADCAST, (message,))

    async def import_questions(self, admin: UUID, questions: Sequence[ImportedQuestion]) -> Row:
        """Add questions. Raises InvalidRequest if one of them is not valid; then none is added."""
        async with self._database.transaction() as queries:
            problems = await self._problems(queries, questions)
            if problems:
                raise InvalidRequest(problems)
            for item in questions:
                await queries.run(_ADD_QUESTION, _question_values(item))
            return await _record(queries, "question_import", admin, len(questions))

    async def validate_import(self, questions: Sequence[ImportedQuestion]) -> Row:
        """The result that an import of these questions would have; nothing is written."""
        async with self._database.queries() as queries:
            problems = await self._problems(queries, questions)
        invalid = {problem["index"] for problem in problems}
        counts = {"total": len(questions), "valid": len(questions) - len(invalid), "invalid": len(invalid)}
        return {"dry_run": True, **counts, "problems": problems}

    async def _problems(self, queries: Queries, questions: Sequence[ImportedQuestion]) -> list[Row]:
        themes = {row["id"] for row in await queries.all("SELECT id FROM themes")}
        return [
            {"index": index, "problem": problem}
            for index, item in enumerate(questions)
            for problem in problems_of(item, themes)
        ]

    async def _run(self, operation: str, admin: UUID, statement: LiteralString, values: Sequence[object] = ()) -> Row:
        async with self._database.transaction() as queries:
            affected = await queries.run(statement, values)
            return await _record(queries, operation, admin, affected)


def problems_of(item: ImportedQuestion, themes: set[int]) -> list[str]:
    """The problems of one question; empty if it may be imported."""
    problems = {
        "the stem is empty": not item.stem.strip(),
        "fewer than two choices": len(item.choices) < 2,
        "the correct choice is not among the choices": item.correct_choice not in item.choices,
        f"theme {item.theme_id} does not exist": item.theme_id not in themes,
    }
    return [problem for problem, present in problems.items() if present]


def _question_values(item: ImportedQuestion) -> tuple[object, ...]:
    choices = [{"key": key, "text": text} for key, text in item.choices.items()]
    return uuid4(), item.stem, Jsonb(choices), item.correct_choice, item.theme_id


async def _record(queries: Queries, operation: str, admin: UUID, affected: int) -> Row:
    row = await queries.one(_RECORD, (operation, admin, affected))
    assert row is not None, "an insert returns its row"
    return {"run_id": row["id"], "operation": operation, "affected": affected}


_RECORD = "INSERT INTO admin_runs (operation, requested_by, affected) VALUES (%s, %s, %s) RETURNING id"
_RECOMPUTE = "UPDATE mastery SET level = (correct + 1.0) / (total + 2.0), updated_at = now()"
_RANK = """
    INSERT INTO user_ranks (user_id, total_score, rank)
    SELECT user_id, total, rank() OVER (ORDER BY total DESC)
    FROM (
        SELECT user_id, sum(score) AS total FROM exam_sessions WHERE status = 'SUBMITTED' GROUP BY user_id
    ) AS totals
    ON CONFLICT (user_id) DO UPDATE
    SET total_score = excluded.total_score, rank = excluded.rank, ranked_at = now()
"""
_CALIBRATE = """
    INSERT INTO item_parameters (question_id, difficulty)
    SELECT a.question_id, avg(CASE WHEN a.choice = s.correct_choice THEN 0.0 ELSE 1.0 END)
    FROM session_answers a JOIN session_questions s USING (session_id, question_id)
    GROUP BY a.question_id
    ON CONFLICT (question_id) DO UPDATE SET difficulty = excluded.difficulty, calibrated_at = now()
"""
_DRAIN = "UPDATE email_outbox SET sent_at = now() WHERE sent_at IS NULL"
_BROADCAST = "INSERT INTO notifications (user_id, message) SELECT id, %s FROM users WHERE role = 'candidate'"
_ADD_QUESTION = """
    INSERT INTO questions (id, stem, choices, correct_choice, theme_id) VALUES (%s, %s, %s, %s, %s)
"""
