"""Exams: opened, read, answered item by item with versions, closed, and their result."""

import uuid
from typing import Any, LiteralString

from psycopg.rows import DictRow
from pydantic import Field

from tests.foreign_platforms.postgres import Connection, one
from tests.foreign_platforms.rpc.node import Caller, Failure, Node, Params

_MINUTES = 60
_PUTS_UNTIL_ONE_IS_LOST = 20
_NEVER_LOST = 5
"""The defect spares the first questions: the short exams by which other defects are found have no more."""


class Opening(Params):
    """How many items; the same `once` opens no second exam."""

    size: int = Field(ge=1, le=60)
    once: str | None = Field(default=None, min_length=1, max_length=80)


class Exam(Params):
    """Which exam."""

    ref: str = Field(pattern="^[0-9A-F]{32}$")


class Put(Exam):
    """An answer, and the version that was read last for its item."""

    nr: int
    given: str
    version: int


async def open_exam(node: Node, caller: Caller, params: Opening) -> dict[str, Any]:
    """Open an exam of questions that are drawn for it."""
    run = uuid.uuid4()
    claiming = "INSERT INTO start_once (person, once, run) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING run"
    drawing = (
        "INSERT INTO item_state (run, nr, question) SELECT %s, row_number() OVER (), drawn.id"
        " FROM (SELECT id FROM question ORDER BY random() LIMIT %s) AS drawn"
    )
    opening = "INSERT INTO run (id, person, ends_at) VALUES (%s, %s, clock_timestamp() + make_interval(mins => %s))"
    async with node.pool.connection() as connection:
        if params.once is not None and await one(connection, claiming, caller.person, params.once, run) is None:
            known = "SELECT run FROM start_once WHERE person = %s AND once = %s"
            row = await one(connection, known, caller.person, params.once)
            assert row is not None
            return {"exam": {"ref": _ref(row["run"])}}
        await connection.execute(opening, (run, caller.person, _MINUTES))
        await connection.execute(drawing, (run, params.size))
    return {"exam": {"ref": _ref(run)}}


async def get(node: Node, caller: Caller, params: Exam) -> dict[str, Any]:
    """The exam with its items and what was given."""
    query = (
        "SELECT nr, options, given, version FROM item_state JOIN question ON question.id = question"
        " WHERE run = %s AND deleted_at IS NULL ORDER BY nr"
    )
    async with node.pool.connection() as connection:
        run = await _run(connection, params, None if "others-read" in node.defects else caller)
        items = await (await connection.execute(query, (run["id"],))).fetchall()
    state = "RUNNING" if run["closed_at"] is None else "CLOSED"
    return {"state": state, "ends": run["ends"], "items": items}


async def put(node: Node, caller: Caller, params: Put) -> dict[str, Any]:
    """Store an answer in place of the one whose version the caller knows."""
    query = (
        "SELECT version, %s = ANY (options) AS offered FROM item_state JOIN question ON question.id = question"
        " WHERE run = %s AND nr = %s AND deleted_at IS NULL FOR UPDATE OF item_state"
    )
    storing = (
        "UPDATE item_state SET given = CASE WHEN %s THEN given ELSE %s END, version = version + 1"
        " WHERE run = %s AND nr = %s RETURNING version"
    )
    async with node.pool.connection() as connection:
        run = await _run(connection, params, caller, "FOR SHARE")
        if (run["closed_at"] is not None or run["ended"]) and "answers-after-close" not in node.defects:
            raise Failure(4100, "exam is closed or has ended")
        item = await one(connection, query, params.given, run["id"], params.nr)
        if item is None or not item["offered"]:
            raise Failure(-32602, "no such item" if item is None else "no such option")
        if item["version"] != params.version and "stale-accepted" not in node.defects:
            raise Failure(4090, "version is stale", version=item["version"])
        may_be_lost = "lost-answers" in node.defects and params.nr > _NEVER_LOST
        lost = may_be_lost and next(node.puts) % _PUTS_UNTIL_ONE_IS_LOST == 0
        return {**(await one(connection, storing, lost, params.given, run["id"], params.nr) or {})}


async def close(node: Node, caller: Caller, params: Exam) -> dict[str, Any]:
    """Close the exam and count its points, or tell the points of one that is closed."""
    closing = (
        "UPDATE run SET closed_at = clock_timestamp(), points = coalesce(points, 0) + %s"
        " + (SELECT count(*) FROM item_state JOIN question ON question.id = question"
        " WHERE run = run.id AND right_hash = sha256(convert_to(question.id || ':' || given, 'UTF8')))"
        " WHERE id = %s RETURNING points"
    )
    async with node.pool.connection() as connection:
        run = await _run(connection, params, caller, "FOR UPDATE")
        if run["closed_at"] is not None and "closes-counted-twice" not in node.defects:
            return {"points": run["points"]}
        undeserved = int("points-too-high" in node.defects)
        return {**(await one(connection, closing, undeserved, run["id"]) or {})}


async def result(node: Node, caller: Caller, params: Exam) -> dict[str, Any]:
    """Points of a closed exam, and what was given."""
    query = "SELECT nr, given FROM item_state WHERE run = %s AND deleted_at IS NULL ORDER BY nr"
    async with node.pool.connection() as connection:
        run = await _run(connection, params, caller)
        if run["closed_at"] is None:
            raise Failure(4101, "exam is not closed")
        items = await (await connection.execute(query, (run["id"],))).fetchall()
    return {"points": run["points"], "items": items}


async def _run(connection: Connection, exam: Exam, caller: Caller | None, lock: LiteralString = "") -> DictRow:
    """The exam, for its owner alone if there is a caller. A put shares its lock with other puts, and a close waits
    for all of them."""
    query: LiteralString = (
        "SELECT *, (extract(epoch FROM ends_at) * 1000)::bigint AS ends, clock_timestamp() > ends_at AS ended"
        " FROM run WHERE id = %s AND deleted_at IS NULL "
    )
    run = await one(connection, query + lock, uuid.UUID(exam.ref))
    if run is None or (caller is not None and run["person"] != caller.person):
        raise Failure(4040, "no such exam")
    return run


def _ref(run: uuid.UUID) -> str:
    return run.hex.upper()
