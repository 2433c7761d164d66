"""Exams of a candidate: begun, shown, answered, finished, and their result."""

import uuid
from typing import LiteralString

from psycopg.rows import DictRow
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tests.foreign_platforms.pages.people import Person, logged_in, sent_by
from tests.foreign_platforms.pages.rendering import number, page
from tests.foreign_platforms.pages.worker import worker_of
from tests.foreign_platforms.postgres import Connection, one

_HOUR = 3600
_HIGHEST_SEQUENCE = 2**53
_LATEST: LiteralString = (
    " (SELECT DISTINCT ON (question_id) question_id, choice_id FROM exam.choice_made WHERE attempt_id = %s"
    " ORDER BY question_id, sequence DESC) AS latest "
)


async def show_all(request: Request) -> Response:
    """The candidate's exams, and the form that begins one."""
    person = await logged_in(request)
    query = "SELECT id, state FROM exam.attempt WHERE person_id = %s ORDER BY id"
    async with worker_of(request).pool.connection() as connection:
        attempts = await (await connection.execute(query, (person.id,))).fetchall()
    return page(request, "exams", attempts=attempts, once=uuid.uuid4())


async def begin(request: Request) -> Response:
    """Begin an exam, and show it; the same `once` shows the exam that it has begun."""
    person, fields = await sent_by(request)
    count, seconds = number(fields, "count", 1, 60), number(fields, "seconds", 1, 6 * _HOUR, str(_HOUR))
    once = _uuid(fields.get("once", ""))
    beginning = (
        "WITH drawn AS MATERIALIZED (SELECT id FROM exam.question ORDER BY random() LIMIT %s), begun AS ("
        " INSERT INTO exam.attempt (person_id, once, ends, right_choices)"
        " SELECT %s, %s, clock_timestamp() + make_interval(secs => %s), jsonb_object_agg(question_id, choice.id)"
        " FROM exam.choice JOIN drawn ON drawn.id = question_id WHERE is_right"
        " ON CONFLICT DO NOTHING RETURNING id), placed AS ("
        " INSERT INTO exam.attempt_question SELECT begun.id, row_number() OVER (), drawn.id FROM begun, drawn)"
        " SELECT id FROM begun"
    )
    known = "SELECT id FROM exam.attempt WHERE person_id = %s AND once = %s"
    async with worker_of(request).pool.connection() as connection:
        attempt = await one(connection, beginning, count, person.id, once, seconds)
        attempt = attempt or await one(connection, known, person.id, once)
    assert attempt is not None
    return RedirectResponse(f"/exams/{attempt['id']}", 303)


async def show(request: Request) -> Response:
    """The exam with all questions, what was chosen, and the time that is left."""
    person, worker = await logged_in(request), worker_of(request)
    query = (
        "SELECT question.id, question.text, choice_id AS chosen,"
        " (SELECT jsonb_agg(jsonb_build_object('id', choice.id, 'text', choice.text) ORDER BY choice.id)"
        " FROM exam.choice WHERE choice.question_id = question.id) AS choices"
        " FROM exam.attempt_question JOIN exam.question ON question.id = attempt_question.question_id LEFT JOIN"
        + _LATEST
        + "ON latest.question_id = question.id WHERE attempt_id = %s ORDER BY place"
    )
    highest = "SELECT coalesce(max(sequence), 0) AS sequence FROM exam.choice_made WHERE attempt_id = %s"
    async with worker.pool.connection() as connection:
        attempt = await _attempt(connection, request, None if "others-readable" in worker.defects else person)
        questions = await (await connection.execute(query, (attempt["id"], attempt["id"]))).fetchall()
        newest = await one(connection, highest, attempt["id"])
    left = attempt["seconds"] if "still-clock" in worker.defects else attempt["seconds_left"]
    return page(
        request, "exam", attempt=attempt, questions=questions, left=left, sequence=newest["sequence"] if newest else 0
    )


async def answer(request: Request) -> Response:
    """Save a choice, and show the exam."""
    person, fields = await sent_by(request)
    worker, turn = worker_of(request), next(worker_of(request).answers)
    question, choice = number(fields, "question", 0, 2**31 - 1), number(fields, "choice", 0, 2**31 - 1)
    sequence = number(fields, "sequence", 1, _HIGHEST_SEQUENCE)
    locking = "SELECT FROM exam.attempt_question WHERE attempt_id = %s AND question_id = %s FOR UPDATE"
    offering = "SELECT FROM exam.choice WHERE id = %s AND question_id = %s"
    saving = (
        "INSERT INTO exam.choice_made (attempt_id, question_id, choice_id, sequence) SELECT %(attempt)s, %(question)s,"
        " %(choice)s, %(sequence)s WHERE NOT EXISTS (SELECT FROM exam.choice_made WHERE attempt_id = %(attempt)s"
        " AND question_id = %(question)s AND sequence >= %(sequence)s)"
    )
    async with worker.pool.connection() as connection:
        attempt = await _attempt(connection, request, person, "FOR SHARE")
        if attempt["state"] == "done" and "answers-after-finish" not in worker.defects:
            raise HTTPException(409, "This exam is finished.")
        if attempt["over"]:
            raise HTTPException(409, "The time of this exam is over.")
        if await one(connection, locking, attempt["id"], question) is None:
            raise HTTPException(404, "This exam has no such question.")
        if await one(connection, offering, choice, question) is None:
            raise HTTPException(400, "This question has no such choice.")
        if "loses-answers" not in worker.defects or turn % 20:
            new = {"attempt": attempt["id"], "question": question, "choice": choice, "sequence": sequence}
            if (await connection.execute(saving, new)).rowcount == 0:
                raise HTTPException(409, "A newer answer to this question is saved.")
    return RedirectResponse(f"/exams/{attempt['id']}", 303)


async def finish(request: Request) -> Response:
    """End the exam, count its score once, and show the result."""
    person, _ = await sent_by(request)
    worker = worker_of(request)
    scoring = (
        "UPDATE exam.attempt SET state = 'done', score = %s + (SELECT count(*) FROM"
        + _LATEST
        + "WHERE (right_choices ->> question_id::text)::integer = choice_id) WHERE id = %s"
    )
    async with worker.pool.connection() as connection:
        attempt = await _attempt(connection, request, person, "FOR UPDATE")
        if attempt["state"] == "open":
            undeserved = int("wrong-score" in worker.defects)
            await connection.execute(scoring, (undeserved, attempt["id"], attempt["id"]))
            for _ in range(2 if "finishes-twice" in worker.defects else 1):
                await connection.execute("INSERT INTO exam.finish (attempt_id) VALUES (%s)", (attempt["id"],))
    return RedirectResponse(f"/exams/{attempt['id']}/result", 303)


async def show_result(request: Request) -> Response:
    """The score, and the choice and the right choice of each question."""
    person = await logged_in(request)
    query = (
        "SELECT question.id, text, choice_id AS chosen, (right_choices ->> question.id::text)::integer AS correct"
        " FROM exam.attempt JOIN exam.attempt_question ON attempt_id = attempt.id"
        " JOIN exam.question ON question.id = attempt_question.question_id LEFT JOIN"
        + _LATEST
        + "ON latest.question_id = question.id WHERE attempt.id = %s ORDER BY place"
    )
    async with worker_of(request).pool.connection() as connection:
        attempt = await _attempt(connection, request, person)
        if attempt["state"] == "open":
            raise HTTPException(409, "This exam is not finished.")
        questions = await (await connection.execute(query, (attempt["id"], attempt["id"]))).fetchall()
    return page(request, "result", attempt=attempt, questions=questions)


async def _attempt(
    connection: Connection, request: Request, person: Person | None, lock: LiteralString = ""
) -> DictRow:
    """The exam of the path, for its owner alone if there is a person. An answer shares its lock with other answers,
    and a finish waits for all of them. Raises HTTPException with status 404."""
    query: LiteralString = (
        "SELECT id, person_id, state, score, clock_timestamp() > ends AS over,"
        " extract(epoch FROM ends - began)::integer AS seconds,"
        " greatest(0, floor(extract(epoch FROM ends - clock_timestamp())))::integer AS seconds_left"
        " FROM exam.attempt WHERE id = %s "
    )
    attempt = await one(connection, query + lock, request.path_params["attempt"])
    if attempt is None or (person is not None and attempt["person_id"] != person.id):
        raise HTTPException(404, "There is no such exam.")
    return attempt


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise HTTPException(400, "The field once must be a UUID.") from None
