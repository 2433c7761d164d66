"""What the database holds of the sessions that a ledger speaks of."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.postgres import types

from pytest_examday.contract.schema import RelationName, Schema
from pytest_examday.site import Connection

_WHOLE_NUMBERS = ("int2", "int4", "int8")
_BIGGEST = 2**63 - 1


class StoredAnswer(NamedTuple):
    """One row of answers."""

    value: str | None
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One row of sessions with its answers and its frozen key."""

    owner: str
    status: str
    submitted_at: datetime | None
    score: float | None
    answers: dict[str, StoredAnswer] = field(default_factory=dict)
    correct: dict[str, str | None] = field(default_factory=dict)


class Stored:
    """Reads sessions with their answers and keys; the types of the columns are looked up once."""

    def __init__(self, connection: Connection, schema: Schema) -> None:
        self._sessions = _Table(connection, schema, "sessions", "id")
        self._answers = _Table(connection, schema, "answers", "session_id")
        self._questions = _Table(connection, schema, "questions", "session_id")

    def fetch(self, ids: list[str]) -> dict[str, StoredSession]:
        """The stored sessions among these, by id."""
        columns = f"{self._sessions.text('owner')} AS owner, status, submitted_at, score"
        sessions = {
            row["id"]: StoredSession(row["owner"], row["status"], row["submitted_at"], row["score"])
            for row in self._sessions.rows(columns, ids)
        }
        columns = f"{self._answers.listed('question_id', 'value')}, array_agg(saved_at) AS saved_at"
        for row in self._answers.rows(columns, ids, "GROUP BY session_id"):
            if (session := sessions.get(row["id"])) is not None:
                answers = map(StoredAnswer, row["value"], row["saved_at"])
                session.answers.update(zip(row["question_id"], answers, strict=True))
        columns = self._questions.listed("question_id", "correct")
        for row in self._questions.rows(columns, ids, "GROUP BY session_id"):
            if (session := sessions.get(row["id"])) is not None:
                session.correct.update(zip(row["question_id"], row["correct"], strict=True))
        return sessions


class _Table:
    """One relation, whose rows are found by a session's id in the column's own type, so that its index serves."""

    def __init__(self, connection: Connection, schema: Schema, relation: RelationName, key: str) -> None:
        self._connection = connection
        self._schema = schema
        self._relation = relation
        self._key = key
        query = schema.bind(f"SELECT * FROM {relation} LIMIT 0")  # noqa: S608 # our own word
        described = connection.execute(query.encode()).description or []
        self._types = {column.name: _type_name(column.type_code) for column in described}

    def text(self, column: str) -> str:
        """The SQL that gives the column as a ledger would write it."""
        return f"{column} #>> '{{}}'" if self._types[column] in ("json", "jsonb") else f"{column}::text"

    def listed(self, *columns: str) -> str:
        """The SQL that gives each of these columns as a list of texts."""
        return ", ".join(f"array_agg({self.text(column)}) AS {column}" for column in columns)

    def rows(self, columns: str, ids: list[str], tail: str = "") -> list[dict[str, Any]]:
        """These columns of the rows of these sessions, whose id is `id`."""
        query = self._schema.bind(
            f"SELECT {self._key}::text AS id, {columns} FROM {self._relation} "  # noqa: S608 # our own words
            f"WHERE {self._found_by} {tail}"
        )
        # A plan for any list of ids would be a guess; preparing would make one.
        return self._connection.execute(query.encode(), (self._possible(ids),), prepare=False).fetchall()

    @property
    def _found_by(self) -> str:
        kind = self._types[self._key]
        if kind == "uuid":
            return f"{self._key} = ANY(%s::uuid[])"
        if kind in _WHOLE_NUMBERS:
            return f"{self._key} = ANY(%s::bigint[])"
        if kind in ("text", "varchar"):
            return f"{self._key} = ANY(%s::text[])"
        return f"{self._key}::text = ANY(%s::text[])"

    def _possible(self, ids: list[str]) -> list[str]:
        """Those of the ids that the column's type can hold: a cast of any other would be an error."""
        kind = self._types[self._key]
        if kind == "uuid":
            return [one for one in ids if _is_uuid(one)]
        if kind in _WHOLE_NUMBERS:
            return [one for one in ids if _is_whole_number(one)]
        return ids


def _type_name(code: int) -> str:
    known = types.get(code)
    return "" if known is None else known.name


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _is_whole_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 20 and abs(int(text)) <= _BIGGEST
