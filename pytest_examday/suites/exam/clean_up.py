"""Removes the exams that one run has opened, by the way that the environment configures."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

from pytest_examday.config.changes import SUBJECT, CleanUp
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.bound_query import relation_query
from pytest_examday.integrity.uuid_spelling import canonical, spellings
from pytest_examday.load.ledger import replay
from pytest_examday.run.files import OPENED_FILE
from pytest_examday.suites.exam.candidates.probe_candidate import with_words
from pytest_examday.target.changes import query_of, run_command

if TYPE_CHECKING:
    from pytest_examday.target.database import Connection
    from pytest_examday.target.target import Target

_OLDER_SECONDS = 60
"""How much older than its run an exam may be by the database's clock, which may differ from this machine's."""
_COMMAND_SECONDS = 600.0
_IDS_FILE = "EXAMDAY_SESSION_IDS"
"""The variable in which a command finds the path of a file with the ids, one a line."""
_MOST_REFUSED = 10
"""After so many refusals in a row no further exam is tried."""
_STORED = sql.SQL("""
    SELECT stored.id::text AS id, CASE WHEN pg_typeof(stored.created_at) = 'timestamptz'::regtype
                                       THEN stored.created_at::timestamptz < {} END AS older
    FROM ({}) AS stored JOIN unnest({}) AS mine (id) ON mine.id = stored.id::text
""")
_OF_OTHERS = sql.SQL("""
    SELECT count(*) AS rows FROM ({}) AS stored
    WHERE NOT EXISTS (SELECT FROM unnest({}) AS mine (id) WHERE mine.id = stored.{}::text)
""")
_NOT_OURS = {"sessions": ("id", "exams"), "answers": ("session_id", "answers to exams")}
"""Relation of which nothing of others may be removed -> its column with the id of the exam, and what messages call its
rows."""


class Stored(NamedTuple):
    """Which of the exams the database has, and which of these are older than the run: a start of an exam may answer
    with one that was there before."""

    there: frozenset[str]
    older: frozenset[str]


def opened_exams(directory: Path) -> tuple[str, ...]:
    """The ids of the exams that the run of this directory has opened, as the platform told them: by its loads and by
    single calls. Raises Unmeasurable if a file that holds them cannot be read."""
    try:
        return tuple(dict.fromkeys((*_by_loads(directory), *_by_calls(directory / OPENED_FILE))))
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the exams that the run has opened are not known: {problem}") from None


def _by_loads(directory: Path) -> Iterator[str]:
    for path in sorted((directory / "ledger").glob("*.ledger.jsonl")):
        for write in replay(path):
            if write.kind == "create" and write.state == "acknowledged" and write.subject is not None:
                yield write.subject


def _by_calls(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            exam = json.loads(line)
        except ValueError:
            if number == len(lines):
                return  # a crash cut the last line short
            raise ValueError(f"{path}: line {number} is damaged") from None
        yield str(exam)


def stored_exams(target: "Target", exams: Iterable[str], began: datetime) -> Stored:
    """What the database has of these exams, of a run that began then. Raises Unmeasurable if it cannot be read."""
    sessions = relation_query(target.environment.platform.database_schema.relations["sessions"])
    known = {canonical(exam): exam for exam in exams}
    before = sql.SQL("to_timestamp({})").format(began.timestamp() - _OLDER_SECONDS)
    with target.connections.database() as connection:
        rows = connection.execute(_STORED.format(before, sessions, _array(known.values()))).fetchall()
    found = {known[canonical(str(row["id"]))]: row["older"] for row in rows}
    return Stored(frozenset(found), frozenset(exam for exam, older in found.items() if older is True))


def remove(target: "Target", how: CleanUp, exams: tuple[str, ...], *, keep: bool) -> Iterator[str]:
    """Remove these exams and tell what was done, a line for each step. With `keep` SQL is run and rolled back, and
    nothing else is done.

    Raises Unmeasurable if that is not allowed, if it fails, or if SQL would remove other exams too; then SQL has
    removed nothing.
    """
    refused = target.refusal("write", "clean_up")
    if refused is not None:
        raise Unmeasurable(refused)
    key = f"env.{target.environment.name}.clean_up"
    if how.sql:
        yield from _by_sql(target, how.sql, key, exams, keep=keep)
    elif keep:
        yield f"{key}.{how.way} is not tried: it cannot be taken back"
    elif how.command is not None:
        yield from _by_command(target, how.command, f"{key}.command", exams)
    else:
        yield from _by_operation(target, how, exams)


def _by_sql(
    target: "Target", statements: tuple[str, ...], key: str, exams: tuple[str, ...], *, keep: bool
) -> Iterator[str]:
    ids = tuple(spelling for exam in exams for spelling in spellings(exam))
    with target.connections.database_to_write() as connection:
        before = _of_others(target, connection, exams)
        for number, statement in enumerate(statements, start=1):
            rows = connection.execute(query_of(statement, ids)).rowcount
            yield f"{key}.sql, statement {number} of {len(statements)}: {max(rows, 0)} rows"
        after = _of_others(target, connection, exams)
        removed = {what: before[what] - rows for what, rows in after.items() if rows < before[what]}
        if removed or keep:
            connection.rollback()
    if removed:
        others = " and ".join(f"{rows} {what}" for what, rows in removed.items())
        raise Unmeasurable(f"{key}.sql would remove {others} that this run has not opened, so nothing was removed")


def _of_others(target: "Target", connection: "Connection", exams: tuple[str, ...]) -> dict[str, int]:
    """How much the database has that belongs to none of these exams."""
    relations, mine = target.environment.platform.database_schema.relations, _array(exams)
    counts = {}
    for name, relation in relations.items():
        if name in _NOT_OURS:
            column, what = _NOT_OURS[name]
            query = _OF_OTHERS.format(relation_query(relation), mine, sql.Identifier(column))
            row = connection.execute(query).fetchone() or {}
            counts[what] = int(str(row.get("rows", 0)))
    return counts


def _array(exams: Iterable[str]) -> sql.Composed:
    """The ids in every spelling of a UUID, as an array."""
    return sql.SQL("{}::text[]").format(sql.Literal([spelling for exam in exams for spelling in spellings(exam)]))


def _by_command(target: "Target", command: str, key: str, exams: tuple[str, ...]) -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="examday-exams-", suffix=".txt") as file:
        file.writelines(f"{exam}\n" for exam in exams)
        file.flush()
        run_command(target, command, key, {_IDS_FILE: file.name}, seconds=_COMMAND_SECONDS)
    yield f"{key} ended with 0 for {len(exams)} exams"


def _by_operation(target: "Target", how: CleanUp, exams: tuple[str, ...]) -> Iterator[str]:
    operation = how.operation
    assert operation is not None, "a change has one way"
    removed, gone, refused, in_a_row = 0, 0, 0, 0
    first = ""
    for exam in exams:
        reply = target.api.call(operation, {SUBJECT: exam})
        if reply.accepted:
            removed, in_a_row = removed + 1, 0
        elif operation.has_stored(reply.status, reply.body):
            gone, in_a_row = gone + 1, 0
        else:
            refused, in_a_row = refused + 1, in_a_row + 1
            first = first or target.files.redactor.clean(with_words(reply))
        if in_a_row == _MOST_REFUSED:
            break
    yield f"{operation.method} {operation.path}: {removed} exams removed, {gone} were gone already"
    if refused:
        untried = len(exams) - removed - gone - refused
        more = f", {untried} not tried after {_MOST_REFUSED} refusals in a row" if untried else ""
        raise Unmeasurable(f"{refused} exams were not removed{more}; the first: {first}")
