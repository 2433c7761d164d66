"""Exam sessions: create, answer, submit, review.

Every write locks the session's row first, so that answers and submits of one session are processed one after the other:
no answer is accepted after a submit, and of simultaneous submits exactly one counts.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from pytest_examday.platform import exam_sql
from pytest_examday.platform.context import request_id
from pytest_examday.platform.database import Database, Queries
from pytest_examday.platform.question_texts import QuestionTexts

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as sent. ``choice`` None leaves the question blank; ``sequence`` grows with every change."""

    question_id: UUID
    choice: str | None
    sequence: int
    marked: bool = False


class ExamSessions:
    """The exam sessions of users. For another user's session the reply is 404."""

    def __init__(self, database: Database, texts: QuestionTexts, session_minutes: int) -> None:
        self._database = database
        self._texts = texts
        self._session_minutes = session_minutes

    async def create(
        self, user_id: UUID, question_count: int, key: str | None, seconds: int | None = None
    ) -> tuple[Row, bool]:
        """The session, and whether it is new; a repeated key returns the session that it created. ``seconds`` shortens
        it.

        Raises HTTPException 422 if more questions are wanted than exist.
        """
        async with self._database.transaction() as queries:
            whole = 60 * self._session_minutes
            lasts = whole if seconds is None else min(seconds, whole)
            created = await queries.one(exam_sql.CREATE, (user_id, question_count, lasts, key))
            if created is None:
                session = await queries.one(exam_sql.BY_KEY, (user_id, key))
            else:
                session = created
                await self._freeze_questions(queries, session, user_id)
                await queries.run(exam_sql.LOG_CREATE, (session["id"], user_id, request_id()))
            assert session is not None, "a session that conflicts by its key exists"
            return await self._describe(queries, session), created is not None

    async def list_own(self, user_id: UUID) -> list[Row]:
        """The user's sessions, newest first, without questions."""
        async with self._database.queries() as queries:
            return [summary(row) for row in await queries.all(exam_sql.OWN, (user_id,))]

    async def view(self, user_id: UUID, session_id: UUID) -> Row:
        """The session with its questions and answers, enough to resume the exam."""
        async with self._database.queries() as queries:
            session = _found(await queries.one(exam_sql.FIND, (session_id, user_id)))
            answers = await queries.all(exam_sql.ANSWERS, (session_id,))
            return {**await self._describe(queries, session), "answers": [_plain(row) for row in answers]}

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> Row:
        """Store one answer; returns after COMMIT.

        Raises HTTPException 409 if the session is submitted, the time is over, or a newer sequence is stored; 422
        if the question or choice is unknown.
        """
        async with self._database.transaction() as queries:
            session = await self.lock(queries, user_id, session_id)
            self.refuse_closed(session)
            slot = await queries.one(exam_sql.ANSWER_SLOT, (session_id, answer.question_id))
            saved_at = repeated(slot, answer)
            if saved_at is None:
                saved_at = await self.store(queries, user_id, session_id, answer)
        return {
            "question_id": str(answer.question_id),
            "choice": answer.choice,
            "sequence": answer.sequence,
            "saved_at": saved_at.isoformat(),
        }

    async def submit(self, user_id: UUID, session_id: UUID) -> Row:
        """Score and close the session; a repeated submit gets the same result.

        A submit after the deadline is accepted, because it scores only answers that were saved before it.
        """
        async with self._database.transaction() as queries:
            session = await self.lock(queries, user_id, session_id)
            if session["status"] != "SUBMITTED":
                session = await self.close_and_score(queries, user_id, session_id)
        return {
            "session_id": str(session_id),
            "status": "SUBMITTED",
            "submitted_at": session["submitted_at"].isoformat(),
            "score": session["score"],
            "max_score": session["max_score"],
        }

    async def review(self, user_id: UUID, session_id: UUID) -> Row:
        """Every question with the chosen and the correct choice. Raises HTTPException 409 before the submit."""
        async with self._database.queries() as queries:
            session = _found(await queries.one(exam_sql.FIND, (session_id, user_id)))
            if session["status"] != "SUBMITTED":
                raise HTTPException(409, "session is not submitted")
            rows = await queries.all(exam_sql.REVIEW, (session_id,))
        return {
            "score": session["score"],
            "max_score": session["max_score"],
            "questions": [_plain(row) for row in rows],
        }

    async def lock(self, queries: Queries, user_id: UUID, session_id: UUID) -> Row:
        """The session's row, locked until the transaction ends."""
        return _found(await queries.one(exam_sql.LOCK, (session_id, user_id)))

    def refuse_closed(self, session: Row) -> None:
        """Raise HTTPException 409 if the session takes no more answers."""
        if session["status"] == "SUBMITTED":
            raise HTTPException(409, "session is submitted")
        if session["time_over"]:
            raise HTTPException(409, "time is over")

    async def store(self, queries: Queries, user_id: UUID, session_id: UUID, answer: Answer) -> Any:
        """Write the answer and its event; returns the time at which it was saved."""
        values = {
            "session_id": session_id,
            "user_id": user_id,
            "question_id": answer.question_id,
            "choice": answer.choice,
            "sequence": answer.sequence,
            "marked": answer.marked,
            "request_id": request_id(),
        }
        row = await queries.one(exam_sql.STORE_ANSWER, values)
        assert row is not None, "an upsert returns its row"
        return row["saved_at"]

    async def close_and_score(self, queries: Queries, user_id: UUID, session_id: UUID) -> Row:
        """Write score, status, event and mastery of a locked session."""
        session = _found(await queries.one(exam_sql.SCORE_AND_CLOSE, (session_id,)))
        await queries.run(exam_sql.LOG_SUBMIT, (session_id, user_id, request_id()))
        await queries.run(exam_sql.UPDATE_MASTERY, (user_id, session_id))
        await queries.run(exam_sql.LOG_MASTERY, (session_id, session_id))
        return session

    async def _freeze_questions(self, queries: Queries, session: Row, user_id: UUID) -> None:
        question_count = session["question_count"]
        frozen = await queries.run(exam_sql.FREEZE_QUESTIONS, (session["id"], str(user_id), question_count))
        if frozen < question_count:
            raise HTTPException(422, f"only {frozen} questions exist")

    async def _describe(self, queries: Queries, session: Row) -> Row:
        placed = await queries.all(exam_sql.QUESTIONS, (session["id"],))
        texts = await self._texts.load(queries, [row["question_id"] for row in placed])
        questions = [{**_plain(row), **texts[row["question_id"]]} for row in placed]
        return {**summary(session), "questions": questions}


def repeated(slot: Row | None, answer: Answer) -> Any:
    """The time at which exactly this answer was saved; None if it has to be stored.

    Raises HTTPException 422 if the question is not in the session or lacks the choice, 409 if a newer answer is
    stored.
    """
    if slot is None:
        raise HTTPException(422, "question is not part of this session")
    if answer.choice is not None and answer.choice not in {item["key"] for item in slot["choices"]}:
        raise HTTPException(422, "no such choice")
    if slot["sequence"] is None or answer.sequence > slot["sequence"]:
        return None
    if answer.sequence < slot["sequence"] or answer.choice != slot["choice"]:
        raise HTTPException(409, f"sequence {slot['sequence']} is stored already")
    return slot["saved_at"] if answer.marked == slot["marked"] else None


def summary(session: Row) -> Row:
    """The session as clients see it, without questions."""
    remaining = (session["expires_at"] - session["server_time"]).total_seconds()
    return {
        "session_id": str(session["id"]),
        "status": session["status"],
        "question_count": session["question_count"],
        "created_at": session["created_at"].isoformat(),
        "expires_at": session["expires_at"].isoformat(),
        "server_time": session["server_time"].isoformat(),
        "remaining_seconds": max(0.0, round(remaining, 3)),
        "submitted_at": session["submitted_at"].isoformat() if session["submitted_at"] else None,
        "score": session["score"],
        "max_score": session["max_score"],
    }


def _found(row: Row | None) -> Row:
    if row is None:
        raise HTTPException(404, "no such session")
    return row


def _plain(row: Row) -> Row:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
