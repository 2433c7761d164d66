"""Exams: opened, read, answered item by item, finished, and their result."""

import asyncio
import uuid
from typing import Annotated, Any, LiteralString

from fastapi import APIRouter, Header, Response
from psycopg.rows import DictRow
from pydantic import BaseModel, Field

from tests.foreign_platforms.json_api.accounts import Caller, Person
from tests.foreign_platforms.json_api.worker import Here, Refusal, Sent, told
from tests.foreign_platforms.postgres import Connection, one

router = APIRouter(prefix="/api/exams")
_OPENED, _PICKED, _CLOSED = 1, 2, 3
Once = Annotated[str | None, Header(alias="X-Once")]


class _NewExam(BaseModel):
    size: int = Field(ge=1, le=60)
    lasts_s: int = Field(default=3600, ge=1, le=6 * 3600)


class _Pick(BaseModel):
    pick: int = Field(ge=0, le=3)


@router.post("", status_code=201)
async def open_exam(
    sent: Sent[_NewExam], caller: Caller, worker: Here, response: Response, once: Once = None
) -> dict[str, Any]:
    """Open an exam; the same key opens none a second time, and is answered with HTTP 200."""
    wanted = sent.data.attributes
    opening = (
        "INSERT INTO papers (person_id, opened_once, ends_at)"
        " VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s)) ON CONFLICT DO NOTHING RETURNING *"
    )
    async with worker.pool.connection() as connection:
        paper = await one(connection, opening, caller.id, once, wanted.lasts_s)
        if paper is None:
            response.status_code = 200
            known = "SELECT * FROM papers WHERE person_id = %s AND opened_once = %s"
            paper = await one(connection, known, caller.id, once)
            assert paper is not None
        else:
            await connection.execute(
                "INSERT INTO paper_items (paper_id, n, bank_id) SELECT %s, row_number() OVER (), drawn.id"
                " FROM (SELECT id FROM bank ORDER BY random() LIMIT %s) AS drawn",
                (paper["id"], wanted.size),
            )
            await _note(connection, paper["id"], _OPENED)
    return told("exam", paper["id"], **_course(paper))


@router.get("/{exam_id}")
async def read_exam(exam_id: uuid.UUID, caller: Caller, worker: Here) -> dict[str, Any]:
    """The exam with its items and what was picked."""
    query = "SELECT n, text, options, pick FROM paper_items JOIN bank ON id = bank_id WHERE paper_id = %s ORDER BY n"
    async with worker.pool.connection() as connection:
        paper = await _paper(connection, exam_id, None if "others-read" in worker.defects else caller)
        items = await (await connection.execute(query, (exam_id,))).fetchall()
    return told("exam", exam_id, **_course(paper), items=items)


@router.put("/{exam_id}/items/{n}", status_code=204)
async def pick(exam_id: uuid.UUID, n: int, sent: Sent[_Pick], caller: Caller, worker: Here) -> None:
    """Save what was picked for one item, in place of what was picked before."""
    chosen, turn = sent.data.attributes.pick, next(worker.answers)
    if "late-answers" in worker.defects and turn % 10 == 0:
        await asyncio.sleep(0.6)
    saving = (
        "UPDATE paper_items SET pick = %s, picked_at = clock_timestamp() WHERE paper_id = %s AND n = %s RETURNING n"
    )
    async with worker.pool.connection() as connection:
        paper = await _paper(connection, exam_id, caller, "FOR SHARE")
        if paper["state"] != "open" or paper["over"]:
            raise Refusal(409, "closed" if paper["state"] != "open" else "over")
        if "lost-answers" in worker.defects and turn % 20 == 0:
            return
        if await one(connection, saving, chosen, exam_id, n) is None:
            raise Refusal(404, "unknown_item")
        await _note(connection, exam_id, _PICKED, n, chosen)
    await worker.counted(f"busy:{caller.id}")


@router.post("/{exam_id}/finish")
async def finish(exam_id: uuid.UUID, caller: Caller, worker: Here, once: Once = None) -> dict[str, Any]:
    """Close the exam and count its points; the key of the finish tells them again."""
    closing = (
        "UPDATE papers SET state = 'closed', closed_at = clock_timestamp(), closed_once = %s, points = %s"
        " + (SELECT count(*) FROM paper_items JOIN bank ON bank.id = bank_id"
        " WHERE paper_id = papers.id AND pick = truth) WHERE id = %s RETURNING *"
    )
    async with worker.pool.connection() as connection:
        paper = await _paper(connection, exam_id, caller, "FOR UPDATE")
        if paper["state"] == "open":
            undeserved = int("points-too-high" in worker.defects)
            paper = await one(connection, closing, once, undeserved, exam_id) or paper
            for _ in range(2 if "second-finish-event" in worker.defects else 1):
                await _note(connection, exam_id, _CLOSED)
        elif once is None or once != paper["closed_once"]:
            raise Refusal(409, "closed")
    return told("exam", exam_id, **_course(paper), points=paper["points"])


@router.get("/{exam_id}/result")
async def result(exam_id: uuid.UUID, caller: Caller, worker: Here) -> dict[str, Any]:
    """Points, picks and right options of a closed exam."""
    query = "SELECT n, pick, truth FROM paper_items JOIN bank ON id = bank_id WHERE paper_id = %s ORDER BY n"
    async with worker.pool.connection() as connection:
        paper = await _paper(connection, exam_id, caller)
        if paper["state"] == "open":
            raise Refusal(409, "open")
        items = await (await connection.execute(query, (exam_id,))).fetchall()
    return told("result", exam_id, points=paper["points"], items=items)


async def _paper(
    connection: Connection, exam_id: uuid.UUID, caller: Person | None, lock: LiteralString = ""
) -> DictRow:
    """The exam, for its owner alone if there is a caller. A pick shares its lock with other picks, and a finish
    waits for all of them."""
    query: LiteralString = "SELECT *, clock_timestamp() > ends_at AS over FROM papers WHERE id = %s "
    paper = await one(connection, query + lock, exam_id)
    if paper is None or (caller is not None and paper["person_id"] != caller.id):
        raise Refusal(404, "unknown_exam")
    return paper


async def _note(
    connection: Connection, exam_id: uuid.UUID, what: int, n: int | None = None, chosen: int | None = None
) -> None:
    query = "INSERT INTO trail (paper_id, what, n, pick) VALUES (%s, %s, %s, %s)"
    await connection.execute(query, (exam_id, what, n, chosen))


def _course(paper: DictRow) -> dict[str, str]:
    return {"state": paper["state"], "ends_at": paper["ends_at"].isoformat()}
