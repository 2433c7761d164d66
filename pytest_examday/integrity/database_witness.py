"""What the database holds of the sessions that a ledger speaks of."""

import uuid
from dataclasses import replace
from typing import Any, Literal

from psycopg.postgres import types

from pytest_examday.contract.schema import RelationName, Schema
from pytest_examday.evidence.integrity import LOG_OF_ANSWERS
from pytest_examday.integrity.witness import Sought, StoredSession
from pytest_examday.target.connections import Connection

_WHOLE_NUMBERS = ("int2", "int4", "int8")
_BIGGEST = 2**63 - 1


class Stored:
    """The database as witness: reads sessions with their answers, keys and events; the types of the columns are looked
    up once."""

    name: Literal["database"] = "database"

    def __init__(self, connection: Connection, schema: Schema) -> None:
        self._sessions = _Table(connection, schema, "sessions", "id")
        self._answers = _Table(connection, schema, "answers", "session_id")
        self._questions = _Table(connection, schema, "questions", "session_id")
        self._events = _Table(connection, schema, "events", "session_id") if "events" in schema.relations else None

    def fetch(self, sought: list[Sought]) -> dict[str, StoredSession]:
        """The stored sessions among these, by id."""
        ids = [one.id for one in sought]
        columns = f"{self._sessions.text('owner')} AS owner, status, score"
        sessions = {
            row["id"]: StoredSession(row["owner"], row["status"], row["score"], correct={}, log=self._empty_log())
            for row in self._sessions.rows(columns, ids)
        }
        for row in self._rows_of_answers(ids):
            if (session := sessions.get(row["id"])) is not None:
                answers = dict(zip(row["question_id"], row["value"], strict=True))
                sessions[row["id"]] = replace(session, answers=answers, late=tuple(row["late"] or ()))
        for row in self._questions.rows(self._questions.listed("question_id", "correct"), ids, "GROUP BY session_id"):
            if (session := sessions.get(row["id"])) is not None and session.correct is not None:
                session.correct.update(zip(row["question_id"], row["correct"], strict=True))
        for row in self._rows_of_log(ids):
            if (session := sessions.get(row["id"])) is not None and session.log is not None:
                session.log[row["question_id"]] = tuple(row["logged"] or ())
        return sessions

    def unjudged(self) -> tuple[str, ...]:
        """The platform's own log of answers, where its schema has none."""
        return () if self._events else (LOG_OF_ANSWERS,)

    def _empty_log(self) -> dict[str, tuple[str | None, ...]] | None:
        return {} if self._events else None

    def _rows_of_answers(self, ids: list[str]) -> list[dict[str, Any]]:
        """For each session its questions, their values, and the questions that were saved after the submission."""
        answers = self._answers
        return answers.ask(
            f"SELECT mine.session_id::text AS id, array_agg({answers.text('question_id', 'mine')}) AS question_id, "  # noqa: S608 # our own words
            f"array_agg({answers.text('value', 'mine')}) AS value, "
            f"array_agg({answers.text('question_id', 'mine')}) FILTER (WHERE mine.saved_at > sessions.submitted_at) "
            f"AS late FROM ({answers.chosen()}) AS mine LEFT JOIN ({self._sessions.chosen()}) AS sessions "
            "ON sessions.id = mine.session_id GROUP BY mine.session_id",
            answers.possible(ids),
            self._sessions.possible(ids),
        )

    def _rows_of_log(self, ids: list[str]) -> list[dict[str, Any]]:
        """The questions whose last event is not what is stored, with the values of all their events."""
        answers, events = self._answers, self._events
        if events is None:
            return []
        return answers.ask(
            f"SELECT coalesce(kept.session_id, seen.session_id)::text AS id, "  # noqa: S608 # our own words
            f"coalesce({answers.text('question_id', 'kept')}, {events.text('question_id', 'seen')}) AS question_id, "
            f"seen.logged FROM ({answers.chosen()}) AS kept FULL JOIN ("
            f"SELECT session_id, question_id, array_agg({events.text('value')} ORDER BY created_at DESC, id DESC) "
            f"AS logged FROM ({events.chosen()}) AS mine WHERE kind = 'ANSWER' AND question_id IS NOT NULL "
            "GROUP BY session_id, question_id"
            ") AS seen ON seen.session_id = kept.session_id AND seen.question_id = kept.question_id "
            f"WHERE {answers.text('value', 'kept')} IS DISTINCT FROM seen.logged[1]",
            answers.possible(ids),
            events.possible(ids),
        )


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

    def text(self, column: str, of: str | None = None) -> str:
        """The SQL that gives the column (of that alias) as a ledger would write it."""
        name = column if of is None else f"{of}.{column}"
        return f"{name} #>> '{{}}'" if self._types[column] in ("json", "jsonb") else f"{name}::text"

    def listed(self, *columns: str) -> str:
        """The SQL that gives each of these columns as a list of texts."""
        return ", ".join(f"array_agg({self.text(column)}) AS {column}" for column in columns)

    def rows(self, columns: str, ids: list[str], tail: str = "") -> list[dict[str, Any]]:
        """These columns of the rows of these sessions, whose id is `id`."""
        query = f"SELECT {self._key}::text AS id, {columns} FROM ({self.chosen()}) AS mine {tail}"  # noqa: S608 # our own words
        return self.ask(query, self.possible(ids))

    def chosen(self) -> str:
        """The SQL of the rows of some sessions; its one parameter is their ids, as `possible` gives them."""
        return f"SELECT * FROM {self._relation} WHERE {self._found_by}"  # noqa: S608 # our own words

    def ask(self, query: str, *values: list[str]) -> list[dict[str, Any]]:
        """The rows of a query over the relations."""
        # A plan for any list of ids would be a guess; preparing would make one.
        return self._connection.execute(self._schema.bind(query).encode(), values, prepare=False).fetchall()

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

    def possible(self, ids: list[str]) -> list[str]:
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
