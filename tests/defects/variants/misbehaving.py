"""Breaks the rules of an exam in the ways that the file `misbehaviours` of the folder names when a request comes: one
name in each line, with `@worker-2` behind it if only that worker does it, or `-after-SECONDS-s` if it does it to
older exams alone."""

import asyncio
import base64
import hashlib
import json
import math
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import jwt
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_examday.platform import exam_sql
from pytest_examday.platform.auth import Auth
from pytest_examday.platform.database import Database, Queries
from pytest_examday.platform.exams import Answer, ExamSessions, Row
from pytest_examday.platform.limits import RateLimits
from pytest_examday.platform.parts import Parts, Services
from pytest_examday.platform.question_texts import QuestionTexts
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.tokens import AccessTokens, Identity

from .affected import LOAD

_FILE = "misbehaviours"
_OWNER = "SELECT user_id, status FROM exam_sessions WHERE id = %s"
_UNUSED = """
    UPDATE refresh_tokens SET rotated_at = NULL, revoked_at = NULL
    WHERE token_hash = sha256(%s::text::bytea) AND rotated_at IS NOT NULL
"""
_UNUSED_JUST_NOW = """
    UPDATE refresh_tokens SET rotated_at = NULL, revoked_at = NULL
    WHERE token_hash = sha256(%s::text::bytea) AND rotated_at > clock_timestamp() - interval '2 seconds'
"""
_UNUSED_LATER = """
    UPDATE refresh_tokens t SET rotated_at = NULL
    WHERE token_hash = sha256(%s::text::bytea) AND revoked_at IS NULL
      AND EXISTS (SELECT FROM refresh_tokens o WHERE o.family_id = t.family_id AND o.rotated_at > t.rotated_at)
"""
_UNREVOKED = "UPDATE refresh_tokens SET revoked_at = NULL WHERE token_hash = sha256(%s::text::bytea)"
_REVOKE_YOUNG = "UPDATE refresh_tokens SET revoked_at = now() WHERE created_at > now() - interval '3 seconds'"
"""Older tokens are left as they are, because other tests use them."""
_SCORE_AGAIN = "UPDATE exam_sessions SET score = score + 1 WHERE id = %s"
_OVER = "SELECT status = 'ACTIVE' AND expires_at <= clock_timestamp() AS over FROM exam_sessions WHERE id = %s"
_OWNER_OF_KEY = "SELECT user_id FROM exam_sessions WHERE idempotency_key = %s ORDER BY created_at LIMIT 1"
_CREATED = "SELECT created_at FROM exam_sessions WHERE id = %s"
_RIGHT = "SELECT question_id, correct_choice FROM session_questions WHERE session_id = %s"
_FORGET = "DELETE FROM session_answers WHERE session_id = %s"
_FORGET_OPEN = """
    DELETE FROM session_answers
    WHERE session_id IN (SELECT id FROM exam_sessions WHERE user_id = %s AND status = 'ACTIVE')
"""
_SCORE_ZERO = "UPDATE exam_sessions SET score = 0 WHERE id = %s"
_SCORE_LESS = "UPDATE exam_sessions SET score = greatest(score - 1, 0) WHERE id = %s"
_SCORE_NOTHING = "UPDATE exam_sessions SET score = -1 WHERE id = %s"
_LATER_END = "UPDATE exam_sessions SET expires_at = expires_at + interval '3 hours' WHERE id = %s"
_MORE_TIME = """
    UPDATE exam_sessions SET expires_at = expires_at + interval '30 minutes'
    WHERE status = 'ACTIVE'
      AND user_id = (SELECT user_id FROM refresh_tokens WHERE token_hash = sha256(%s::text::bytea))
"""
_LOGINS = """
    SELECT count(DISTINCT family_id) AS number FROM refresh_tokens t
    JOIN exam_sessions s ON s.user_id = t.user_id AND t.created_at > s.created_at WHERE s.id = %s
"""
_TIME_LEFT = """
    SELECT extract(epoch FROM expires_at - clock_timestamp()) / extract(epoch FROM expires_at - created_at) AS share
    FROM exam_sessions WHERE id = %s
"""
_STORED = "SELECT choice, sequence FROM session_answers WHERE session_id = %s AND question_id = %s"
_EARLIER_END = "UPDATE exam_sessions SET expires_at = expires_at - interval '10 seconds' WHERE id = %s"
_OVERWRITE = """
    UPDATE session_answers SET choice = %s WHERE session_id IN (
        SELECT o.id FROM exam_sessions o JOIN exam_sessions s ON s.user_id = o.user_id
        WHERE s.id = %s AND o.id <> s.id AND o.status = 'SUBMITTED'
          AND o.submitted_at > clock_timestamp() - interval '3 seconds'
    )
"""
"""Only exams that were submitted just now, so that those of other trials stay as they are."""
_REFRESHES = """
    SELECT count(*) AS number FROM refresh_tokens
    WHERE family_id = (SELECT family_id FROM refresh_tokens WHERE token_hash = sha256(%s::text::bytea))
"""
_MOST_REFRESHES = 4
_RACE_SECONDS = 0.3
_SHORT_EXAM = 5
"""The number of questions of the exams that trials sit; those of a load have more."""
_MORE_SECONDS = 10800
_GOOD_USES = 2
_NO_CHOICE = "Z"
_LEEWAY_TRIES = 5
_UUID_LENGTH = 36

_METHOD: ContextVar[str] = ContextVar("method", default="")
"""The method of the request that is being served."""
_HEADERS: ContextVar[list[tuple[str, str]]] = ContextVar("headers")
"""Further headers of the reply to it."""

Does = Callable[[str], bool]
"""Whether this worker misbehaves in the way of this name now."""


def _does(worker: str) -> Does:
    path = Path(os.environ["DEFECT_FOLDER"]) / _FILE

    def does(name: str) -> bool:
        named = path.read_text().split() if path.exists() else []
        return name in named or f"{name}@{worker}" in named

    return does


def _from_age(name: str) -> float:
    """The figure of the line `NAME-after-SECONDS-s` in the file."""
    path = Path(os.environ["DEFECT_FOLDER"]) / _FILE
    found = re.search(rf"^{name}-after-(\d+)-s$", path.read_text(), re.MULTILINE) if path.exists() else None
    return float(found[1]) if found else math.inf


class LawlessExams(ExamSessions):
    """Knows no rules."""

    def __init__(self, does: Does, worker: str, database: Database, texts: QuestionTexts, session_minutes: int) -> None:
        super().__init__(database, texts, session_minutes)
        self._does, self._worker, self._own = does, worker, database
        self._seen: dict[UUID, list[Row]] = {}

    async def create(
        self, user_id: UUID, question_count: int, key: str | None, seconds: int | None = None
    ) -> tuple[Row, bool]:
        """Forgets keys, at once or after some uses, or looks them up too early."""
        if self._does("key-ignored"):
            key = None
        if self._does("key-forgotten") and key is not None and await self._older_key(user_id, key):
            key = None
        if key is not None and await self._age(exam_sql.BY_KEY, (user_id, key)) > _from_age("key-forgotten"):
            key = None
        if self._does("key-works-twice") and key is not None and self._uses(key) > _GOOD_USES:
            key = None
        if self._does("key-of-others-opens") and key is not None and (owner := await self._owner_of_key(key)):
            user_id = owner
        if self._does("half-as-long") and seconds is None:
            seconds = 30 * self._session_minutes
        if self._does("key-raced") and key is not None and not await self._known(user_id, key):
            first = _first(f"start-{key}")
            await asyncio.sleep(_RACE_SECONDS)
            key = key if first else None
        session, new = await super().create(user_id, question_count, key, seconds)
        if new and seconds is None and self._does("stored-end-is-another"):
            await self._run(_LATER_END, UUID(session["session_id"]))
        await self._tell_right_choices(session)
        if self._does("start-tells-three-hours-more"):
            session["remaining_seconds"] += 10800
        return self._timed(session), new

    async def view(self, user_id: UUID, session_id: UUID) -> Row:
        """Shows what it should not, or something else."""
        if self._does("reload-fails-with-200"):
            return {"detail": "internal error"}
        if self._does("others-read") or (self._does("others-read-what-was-read") and self._shown("page", session_id)):
            user_id = await self._owner_of(session_id, user_id)
        if self._does("answers-gone-after-the-end") and await self._over(session_id):
            await self._run(_FORGET, session_id)
        seen = await super().view(user_id, session_id)
        self._note_shown("page", session_id)
        if self._does("stored-end-is-another") and seen["remaining_seconds"] > _MORE_SECONDS:
            seen["expires_at"] = _later(seen["expires_at"], seconds=-_MORE_SECONDS)
            seen["remaining_seconds"] -= _MORE_SECONDS
        self._change_exam_of_load(user_id, seen)
        if self._does("letters-move-at-login") and (await self._logins(session_id)):
            seen["questions"] = [{**one, "choices": _moved(one["choices"])} for one in seen["questions"]]
        await self._tell_right_choices(seen)
        await self._tell_score_so_far(session_id, seen)
        if self._does("submitted-shown-as-open"):
            seen["status"] = "ACTIVE"
        if self._does("stale-reload"):
            seen["answers"] = self._seen.setdefault(session_id, seen["answers"])
        if self._does("marks-forgotten"):
            seen["answers"] = [{**one, "marked": False} for one in seen["answers"]]
        if self._does("answer-not-shown"):
            seen["answers"] = seen["answers"][1:]
        return self._timed({**seen, "questions": self._asked(seen["questions"])})

    def _change_exam_of_load(self, user_id: UUID, seen: Row) -> None:
        if user_id not in LOAD or len(seen["questions"]) <= _SHORT_EXAM:
            return
        if self._does("letters-move-in-real-exams"):
            seen["questions"] = [{**one, "choices": _moved(one["choices"])} for one in seen["questions"]]

    def _shown(self, what: str, session_id: UUID) -> bool:
        return (Path(os.environ["DEFECT_FOLDER"]) / f"{what}-of-{session_id}").exists()

    def _note_shown(self, what: str, session_id: UUID) -> None:
        (Path(os.environ["DEFECT_FOLDER"]) / f"{what}-of-{session_id}").touch()

    async def _logins(self, session_id: UUID) -> int:
        """How often the owner has logged in since the exam was opened."""
        async with self._own.queries() as queries:
            row = await queries.one(_LOGINS, (session_id,))
        return 0 if row is None else int(row["number"])

    async def _tell_right_choices(self, session: Row) -> None:
        right = await self._right(UUID(session["session_id"]))
        if self._does("right-choices-told"):
            session["questions"] = [{**one, "solution": right[one["question_id"]]} for one in session["questions"]]
        asked = [one["question_id"] for one in session["questions"]]
        if self._does("right-choices-in-a-header"):
            _HEADERS.get().append(("X-Trace", "-".join(right[one] for one in asked)))
        if self._does("right-choices-in-a-coded-header"):
            _HEADERS.get().append(("X-Cache-Key", base64.b64encode(json.dumps(right).encode()).decode()))
        if self._does("right-choices-in-a-table"):
            session["index"] = right
        if self._does("right-choices-in-a-row"):
            session["checksum"] = f"v1:{','.join(right[one['question_id']] for one in session['questions'])}"
        if self._does("right-choices-marked"):
            session["questions"] = [_marked(one, right[one["question_id"]]) for one in session["questions"]]
        self._hint(session, right)

    def _hint(self, session: Row, right: dict[str, str]) -> None:
        """Hints at right choices, or leaves out what a candidate needs to read."""
        if self._does("right-choice-as-md5"):
            session["questions"] = [_with_digest(one, right[one["question_id"]]) for one in session["questions"]]
        if self._does("right-choice-first"):
            session["questions"] = [_sorted(one, right[one["question_id"]]) for one in session["questions"]]
        if self._does("stem-empty"):
            session["questions"] = [{**one, "stem": ""} for one in session["questions"]]
        if self._does("choice-text-empty"):
            session["questions"] = [{**one, "choices": _emptied(one["choices"])} for one in session["questions"]]

    async def _tell_score_so_far(self, session_id: UUID, seen: Row) -> None:
        if self._does("score-so-far-in-a-header"):
            right = await self._right(session_id)
            scored = sum(right[one["question_id"]] == one["choice"] for one in seen["answers"])
            _HEADERS.get().append(("X-Rank", str(scored)))
        if self._does("score-so-far-told"):
            right = await self._right(session_id)
            seen["so_far"] = sum(right[one["question_id"]] == one["choice"] for one in seen["answers"])

    def _asked(self, questions: list[Row]) -> list[Row]:
        if self._does("choices-reshuffled"):  # the letters stay, and what they stand for moves
            questions = [{**question, "choices": _moved(question["choices"])} for question in questions]
        if self._does("choice-missing"):
            questions = [{**question, "choices": question["choices"][1:]} for question in questions]
        if self._does("questions-reordered"):
            questions = questions[::-1]
        if self._does("question-swapped"):
            questions = [{**questions[0], "question_id": str(UUID(int=7))}, *questions[1:]]
        if self._does("question-missing"):
            questions = questions[1:]
        return questions

    def _timed(self, session: Row) -> Row:
        left = session["remaining_seconds"]
        if self._does("end-three-hours-off"):
            session["expires_at"] = _later(session["expires_at"], hours=3)
        if self._does("no-time-left"):
            session["remaining_seconds"] = 0.0
        if self._does("clock-stands"):
            session["remaining_seconds"] = 3599.0
        if self._does("clock-at-half-speed"):
            began = self._begin(session["session_id"])
            session["remaining_seconds"] = round(left + (time.time() - began) / 2, 3)
        if self._does("another-end"):
            session["expires_at"] = _later(session["expires_at"], seconds=1.5)
        if self._does("more-time-left"):
            session["remaining_seconds"] = left + 2.0
        return session

    def _begin(self, session_id: str) -> float:
        """The moment at which any worker has first told the time left; a file, because workers share no memory."""
        note = Path(os.environ["DEFECT_FOLDER"]) / f"clock-of-{session_id}"
        with suppress(FileExistsError):
            note.touch(exist_ok=False)
        return note.stat().st_mtime

    async def answer(self, user_id: UUID, session_id: UUID, answer: Answer) -> Row:
        """Takes answers from anybody at any time, in words or in fact."""
        if self._does("others-answer"):
            user_id = await self._owner_of(session_id, user_id)
        owner, closed = await self._owner_of(session_id, user_id), await self._closed(session_id)
        if owner != user_id and self._does("others-answer-and-403"):
            await super().answer(owner, session_id, answer)
            raise HTTPException(403, "not your exam")
        if owner == user_id and not closed and await self._raced(session_id):
            return _as_saved(answer)
        if self._does("older-answer-taken"):
            answer = replace(answer, sequence=int(time.time() % 1e6 * 1000))
        if closed and await self._says_saved(user_id, session_id, answer):
            return _as_saved(answer)
        if answer.choice == _NO_CHOICE and await self._takes_no_choice(user_id, session_id, answer):
            return _as_saved(answer)
        await self._refuse(user_id, session_id, answer, closed=closed)
        return await self._told(session_id, await self._answered(user_id, session_id, answer, closed=closed))

    async def _refuse(self, user_id: UUID, session_id: UUID, answer: Answer, *, closed: bool) -> None:
        """Refuse an answer in words, and perhaps not in fact."""
        if closed and self._does("closed-500"):
            raise HTTPException(500, "internal error")
        if closed and self._does("closed-429"):
            raise HTTPException(429, "too many requests")
        if closed and self._does("closed-409-and-stores"):
            await self._store(user_id, session_id, answer)
            raise HTTPException(409, "session is submitted")
        if self._does("late-409-and-stores") and await self._over(session_id):
            await self._store(user_id, session_id, answer)
            raise HTTPException(409, "time is over")
        if self._does("no-such-choice-500") and answer.choice == _NO_CHOICE:
            raise HTTPException(500, "enum has no such value")

    async def _answered(self, user_id: UUID, session_id: UUID, answer: Answer, *, closed: bool) -> Row:
        """Stores the answer or not, and more than that. A refusal may say too much."""
        if not closed and await self._drops(session_id, answer):
            return _as_saved(answer)
        try:
            saved = await super().answer(user_id, session_id, answer)
        except HTTPException as refusal:
            if not self._does("refusal-tells-right"):
                raise
            told: Any = {"message": refusal.detail, "correct": (await self._right(session_id))[str(answer.question_id)]}
            raise HTTPException(refusal.status_code, told) from refusal
        if self._does("answers-cost-time"):
            await self._run(_EARLIER_END, session_id)
        if self._does("second-exam-overwrites-the-first"):
            async with self._own.transaction() as queries:
                await queries.run(_OVERWRITE, (answer.choice, session_id))
        return saved

    async def _drops(self, session_id: UUID, answer: Answer) -> bool:
        """Whether the answer is acknowledged and not stored."""
        async with self._own.queries() as queries:
            time_left = await queries.one(_TIME_LEFT, (session_id,))
            stored = await queries.one(_STORED, (session_id, answer.question_id))
        if self._does("last-third-lost") and time_left is not None and 0 < time_left["share"] < 1 / 3:
            return True
        same = stored is not None and stored["sequence"] == answer.sequence and stored["choice"] != answer.choice
        return same and self._does("same-number-acknowledged")

    async def _told(self, session_id: UUID, saved: Row) -> Row:
        if self._does("answer-tells-right"):
            saved["correct_choice"] = (await self._right(session_id))[saved["question_id"]]
        if self._does("answer-tells-right-in-a-header"):
            _HEADERS.get().append(("Set-Cookie", (await self._right(session_id))[saved["question_id"]]))
        return saved

    async def _raced(self, session_id: UUID) -> bool:
        """Whether another request for the exam comes at the same moment, and this answer is lost beside it."""
        if self._does("lost-beside-submit"):
            await asyncio.sleep(_RACE_SECONDS)
            return await self._closed(session_id)
        if not self._does("lost-beside-another"):
            return False
        first = _first(writing := f"writing-in-{session_id}")
        await asyncio.sleep(_RACE_SECONDS)
        if first:
            (Path(os.environ["DEFECT_FOLDER"]) / writing).rmdir()
        return not first

    async def _takes_no_choice(self, user_id: UUID, session_id: UUID, answer: Answer) -> bool:
        """Whether an answer with a choice that does not exist is acknowledged. It may be stored as a blank."""
        if self._does("no-such-choice-is-blank"):
            await self._store(user_id, session_id, replace(answer, choice=None))
            return True
        return self._does("no-such-choice-says-200")

    async def store(self, queries: Queries, user_id: UUID, session_id: UUID, answer: Answer) -> Any:
        """Stores no blank."""
        if answer.choice is None and self._does("blank-not-stored"):
            return datetime.now(UTC)
        return await super().store(queries, user_id, session_id, answer)

    def refuse_closed(self, session: Row) -> None:
        """Refuses less."""
        if session["status"] == "SUBMITTED" and self._does("closed-takes-answers"):
            return
        if session["time_over"] and session["status"] != "SUBMITTED" and self._does("late-answers-taken"):
            return
        super().refuse_closed(session)

    async def submit(self, user_id: UUID, session_id: UUID) -> Row:
        """Submits for anybody, and scores anew."""
        if self._does("others-submit"):
            user_id = await self._owner_of(session_id, user_id)
        owner, closed = await self._owner_of(session_id, user_id), await self._closed(session_id)
        if owner != user_id and self._does("others-submit-and-403"):
            await super().submit(owner, session_id)
            raise HTTPException(403, "not your exam")
        await self._score_less(session_id, closed=closed)
        if closed and self._does("further-submit-409"):
            raise HTTPException(409, "submitted already")
        second = False
        if not closed and self._does("double-submit-scores-twice"):
            second = not _first(f"submit-of-{session_id}")
            await asyncio.sleep(_RACE_SECONDS)
        (Path(os.environ["DEFECT_FOLDER"]) / f"submitted-{owner}").touch()
        if self._does("blank-submit-fails") and await self._is_blank(session_id):
            raise HTTPException(500, "division by zero")
        over = not closed and await self._over(session_id)
        result = self._receipt(await super().submit(user_id, session_id))
        if over and self._does("nothing-scored-after-the-end"):
            await self._run(_SCORE_NOTHING, session_id)
        if second:
            await self._run(_SCORE_AGAIN, session_id)
            return await super().submit(user_id, session_id)
        if self._does("third-submit-scores-again") and self._uses(str(session_id)) > _GOOD_USES:
            await self._run(_SCORE_AGAIN, session_id)
            return await super().submit(user_id, session_id)
        if closed and self._does("second-submit-changes-silently"):
            await self._run(_SCORE_AGAIN, session_id)
            raise HTTPException(409, "submitted already")
        return result

    async def _score_less(self, session_id: UUID, *, closed: bool) -> None:
        if closed and self._does("second-submit-scores-nothing"):
            await self._run(_SCORE_ZERO, session_id)
        if closed and self._does("second-submit-takes-a-point"):
            await self._run(_SCORE_LESS, session_id)

    def _receipt(self, result: Row) -> Row:
        if self._does("receipt-of-2019"):
            result["submitted_at"] = f"2019{result['submitted_at'][4:]}"
        if self._does("receipt-two-hours-off"):
            result["submitted_at"] = _later(result["submitted_at"], hours=2)
        if self._does("receipt-tells-a-higher-maximum"):
            result["max_score"] += 40
        return result

    async def review(self, user_id: UUID, session_id: UUID) -> Row:
        """Shows it to anybody, or something else."""
        if self._does("others-review") or (
            self._does("others-review-what-was-read") and self._shown("review", session_id)
        ):
            user_id = await self._owner_of(session_id, user_id)
        if self._does("review-of-an-open-exam") and not await self._closed(session_id):
            right = await self._right(session_id)
            questions = [{"question_id": one, "correct_choice": choice} for one, choice in right.items()]
            return {"session_id": str(session_id), "questions": questions}
        seen = await super().review(user_id, session_id)
        self._note_shown("review", session_id)
        if self._does("review-vanishes") and await self._older(_CREATED, (session_id,)):
            raise HTTPException(404, "no such result")
        age = await self._age(_CREATED, (session_id,))
        if age > _from_age("review-vanishes"):
            raise HTTPException(404, "no such result")
        if self._does("review-shows-another-choice") or age > _from_age("review-changes"):
            seen["questions"] = [
                {**question, "choice": "C"} if question["choice"] else question for question in seen["questions"]
            ]
        if self._does("review-marks-upside-down"):
            seen["questions"] = [{**one, "correct": not one["correct"]} for one in seen["questions"]]
        if self._does("review-tells-a-higher-maximum"):
            seen["max_score"] *= 3
        if self._does("review-shows-another-score"):
            seen["score"] += 1
        if self._does("review-lacks-answers"):
            seen["questions"] = [{**question, "choice": None} for question in seen["questions"]]
        return seen

    def _uses(self, key: str) -> int:
        """The number of times that any worker was given the key, this one included."""
        folder = Path(os.environ["DEFECT_FOLDER"]) / f"key-{key}"
        folder.mkdir(exist_ok=True)
        (folder / f"{time.time_ns()}-{self._worker}").touch()
        return len(list(folder.iterdir()))

    async def _older_key(self, user_id: UUID, key: str) -> bool:
        return await self._older(exam_sql.BY_KEY, (user_id, key))

    async def _older(self, statement: LiteralString, values: tuple[Any, ...]) -> bool:
        """Whether the exam was opened before anybody said how this platform misbehaves."""
        said = (Path(os.environ["DEFECT_FOLDER"]) / _FILE).stat().st_mtime
        return await self._age(statement, values) > time.time() - said

    async def _age(self, statement: LiteralString, values: tuple[Any, ...]) -> float:
        """The seconds since the exam was opened; 0 if there is none."""
        async with self._own.queries() as queries:
            row = await queries.one(statement, values)
        return 0.0 if row is None else time.time() - float(row["created_at"].timestamp())

    async def _known(self, user_id: UUID, key: str) -> bool:
        async with self._own.queries() as queries:
            return await queries.one(exam_sql.BY_KEY, (user_id, key)) is not None

    async def _says_saved(self, user_id: UUID, session_id: UUID, answer: Answer) -> bool:
        """Whether a closed exam says that it saves the answer; one to a question without an answer it may save."""
        if not self._does("closed-takes-blank-answers"):
            return self._does("closed-says-200")
        async with self._own.queries() as queries:
            stored = await queries.all(exam_sql.ANSWERS, (session_id,))
        if any(one["question_id"] == answer.question_id for one in stored):
            return False
        await self._store(user_id, session_id, answer)
        return True

    async def _is_blank(self, session_id: UUID) -> bool:
        async with self._own.queries() as queries:
            return not await queries.all(exam_sql.ANSWERS, (session_id,))

    async def _owner_of_key(self, key: str) -> UUID | None:
        async with self._own.queries() as queries:
            row = await queries.one(_OWNER_OF_KEY, (key,))
        return None if row is None else UUID(str(row["user_id"]))

    async def _right(self, session_id: UUID) -> dict[str, str]:
        async with self._own.queries() as queries:
            rows = await queries.all(_RIGHT, (session_id,))
        return {str(row["question_id"]): row["correct_choice"] for row in rows}

    async def _run(self, statement: LiteralString, session_id: UUID) -> None:
        async with self._own.transaction() as queries:
            await queries.run(statement, (session_id,))

    async def _owner_of(self, session_id: UUID, otherwise: UUID) -> UUID:
        async with self._own.queries() as queries:
            row = await queries.one(_OWNER, (session_id,))
        return otherwise if row is None else UUID(str(row["user_id"]))

    async def _closed(self, session_id: UUID) -> bool:
        async with self._own.queries() as queries:
            row = await queries.one(_OWNER, (session_id,))
        return row is not None and row["status"] == "SUBMITTED"

    async def _over(self, session_id: UUID) -> bool:
        async with self._own.queries() as queries:
            row = await queries.one(_OVER, (session_id,))
        return row is not None and bool(row["over"])

    async def _store(self, user_id: UUID, session_id: UUID, answer: Answer) -> None:
        async with self._own.transaction() as queries:
            await self.store(queries, user_id, session_id, answer)


def _first(name: str) -> bool:
    """Whether no worker has asked with this name before."""
    try:
        (Path(os.environ["DEFECT_FOLDER"]) / name).mkdir()
    except FileExistsError:
        return False
    return True


def _as_saved(answer: Answer) -> Row:
    return {"question_id": str(answer.question_id), "choice": answer.choice, "sequence": answer.sequence}


def _marked(question: Row, right: str) -> Row:
    return {**question, "choices": [{**choice, "right": choice["key"] == right} for choice in question["choices"]]}


def _with_digest(question: Row, right: str) -> Row:
    return {**question, "etag": hashlib.md5(right.encode(), usedforsecurity=False).hexdigest()}


def _sorted(question: Row, right: str) -> Row:
    return {**question, "choices": sorted(question["choices"], key=lambda choice: choice["key"] != right)}


def _emptied(choices: list[Row]) -> list[Row]:
    return [{**choice, "text": ""} if choice["key"] == "B" else choice for choice in choices]


def _later(moment: str, **later: float) -> str:
    return (datetime.fromisoformat(moment) + timedelta(**later)).isoformat()


def _moved(choices: list[Row]) -> list[Row]:
    texts = [choice["text"] for choice in choices]
    return [{**choice, "text": text} for choice, text in zip(choices, texts[1:] + texts[:1], strict=True)]


class LawlessAuth(Auth):
    """Keeps tokens alive that have ended."""

    def __init__(self, does: Does, database: Database, tokens: AccessTokens, limits: RateLimits) -> None:
        super().__init__(database, tokens, limits)
        self._does = does

    async def _verify(self, password: str, stored: str) -> bool:
        if self._does("any-password-works") or (self._does("longer-password-works") and len(password) > 1):
            return self._does("any-password-works") or await self._verify_either(password, stored)
        return await super()._verify(password, stored)

    async def _verify_either(self, password: str, stored: str) -> bool:
        return await super()._verify(password, stored) or await super()._verify(password[:-1], stored)

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Takes tokens again, as if they were new."""
        if self._does("refresh-token-works-again"):
            await self._revive(refresh_token, _UNUSED)
        if self._does("refresh-token-works-again-later"):
            await self._revive(refresh_token, _UNUSED_LATER)
        if self._does("refresh-token-has-leeway"):
            return await self._refresh_with_leeway(refresh_token)
        if self._does("refresh-token-survives-logout"):
            await self._revive(refresh_token, _UNREVOKED)
        if self._does("few-refreshes") and await self._refreshes(refresh_token) > _MOST_REFRESHES:
            raise HTTPException(401, "log in again")
        if self._does("refresh-extends-the-exam"):
            await self._revive(refresh_token, _MORE_TIME)
        return await super().refresh(refresh_token)

    async def _refreshes(self, refresh_token: str) -> int:
        async with self._database.queries() as queries:
            row = await queries.one(_REFRESHES, (refresh_token,))
        return 0 if row is None else int(row["number"])

    async def _refresh_with_leeway(self, refresh_token: str) -> Row:
        """Takes a token that was used just now; another request may use it at the same moment."""
        for _ in range(_LEEWAY_TRIES):
            await self._revive(refresh_token, _UNUSED_JUST_NOW)
            with suppress(HTTPException):
                return await super().refresh(refresh_token)
        return await super().refresh(refresh_token)

    async def logout(self, identity: Identity, refresh_token: str | None) -> None:
        """Takes the open exams of the candidate along."""
        if self._does("logout-deletes-the-attempt"):
            async with self._database.transaction() as queries:
                await queries.run(_FORGET_OPEN, (identity.user_id,))
        await super().logout(identity, refresh_token)
        if self._does("logout-of-all"):
            async with self._database.transaction() as queries:
                await queries.run(_REVOKE_YOUNG)

    async def _revive(self, refresh_token: str, statement: LiteralString) -> None:
        async with self._database.transaction() as queries:
            await queries.run(statement, (refresh_token,))

    async def _limit(self, email: str, address: str) -> None:
        """May be without a limit, for tests that share accounts."""
        if not self._does("logins-unlimited"):
            await super()._limit(email, address)


class LawlessTokens(AccessTokens):
    """Takes access tokens of people who have gone."""

    def __init__(self, does: Does, settings: Settings, redis: RedisGate, expiries: Any) -> None:
        super().__init__(settings, redis, expiries)
        self._does = does

    async def identify(self, token: str) -> Identity:
        """Believes what a token says of itself."""
        if self._does("signature-ignored") or (self._does("unsigned-taken") and token.endswith(".")):
            claims = jwt.decode(token, options={"verify_signature": False})
            token = jwt.encode(claims, self._secret, algorithm="HS256")
        identity = await super().identify(token)
        submitted = (Path(os.environ["DEFECT_FOLDER"]) / f"submitted-{identity.user_id}").exists()
        if self._does("everybody-is-administrator") or (submitted and self._does("submitter-is-administrator")):
            return replace(identity, role="admin")
        return identity

    async def _is_revoked(self, identity: Identity) -> bool:
        if self._does("logout-ends-reading-alone") and _METHOD.get() != "GET":
            return False
        return not self._does("access-token-survives-logout") and await super()._is_revoked(identity)


class LawlessMiddleware:
    """Lets people without a token in, as the owner of the exam."""

    def __init__(self, app: ASGIApp, does: Does) -> None:
        self._app, self._does = app, does

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        _METHOD.set(str(scope.get("method", "")))
        further: list[tuple[str, str]] = []
        _HEADERS.set(further)
        if self._does("pages-are-public"):
            further.append(("Cache-Control", "public, max-age=3600"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in further),
                ]
            await send(message)

        path = str(scope.get("path", ""))
        session = path.removeprefix("/v1/sessions/").split("/")[0]
        known = any(name == b"authorization" for name, _ in scope.get("headers", ()))
        open_to_all = self._does("no-token-needed") or (
            path.endswith("/review") and self._does("review-needs-no-token")
        )
        if scope["type"] == "http" and not known and len(session) == _UUID_LENGTH and open_to_all:
            services: Services = scope["app"].state.services
            async with services.database.queries() as queries:
                row = await queries.one(_OWNER, (UUID(session),))
            if row is not None:
                token = services.tokens.issue(UUID(str(row["user_id"])), "candidate", UUID(int=7), 10**9)
                scope["headers"] = [*scope["headers"], (b"authorization", f"Bearer {token}".encode())]
        if path.startswith("/v1/admin/") and not known and self._does("administrators-need-no-token"):
            token = scope["app"].state.services.tokens.issue(UUID(int=7), "admin", UUID(int=7), 10**9)
            scope["headers"] = [*scope["headers"], (b"authorization", f"Bearer {token}".encode())]
        await self._app(scope, receive, send_with_headers)


def plant(parts: Parts, settings: Settings) -> Parts:
    """A platform that can misbehave."""
    does = _does(settings.worker)
    return replace(
        parts,
        exams=lambda database, texts, minutes: LawlessExams(does, settings.worker, database, texts, minutes),
        auth=lambda database, tokens, limits: LawlessAuth(does, database, tokens, limits),
        middleware=(lambda app: LawlessMiddleware(app, does), *parts.middleware),
        tokens=lambda settings, redis, expiries: LawlessTokens(does, settings, redis, expiries),
    )
