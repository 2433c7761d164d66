"""The database as source of the stored state."""

import uuid
from dataclasses import replace
from typing import Any, Literal

from psycopg import sql
from psycopg.postgres import types

from pytest_examday.contract.schema import RelationName, Schema
from pytest_examday.evidence.reconciliation import EVENT_HISTORY, SECOND_SESSIONS
from pytest_examday.integrity.bound_query import bound_query
from pytest_examday.integrity.stored_state import NEARBY_SECONDS, LoggedValue, StoredSubject, SubjectRef
from pytest_examday.integrity.uuid_spelling import canonical, spellings
from pytest_examday.target.database import Connection

_NEAR = f"interval '{NEARBY_SECONDS} seconds'"
_WHOLE_NUMBERS = ("int2", "int4", "int8")
_BIGGEST = 2**63 - 1


class DatabaseSource:
    """Reads sessions with their answers, right choices and logged events from the database.

    The types of the columns are looked up once. `first` is the id of the first session of the run: sessions that were
    opened before it belong to an earlier run, and are near to no session of this one.
    """

    name: Literal["database"] = "database"

    def __init__(self, connection: Connection, schema: Schema, first: str | None = None) -> None:
        self._first = [] if first is None else [first]
        self._sessions = RelationReader(connection, schema, "sessions", "id")
        self._answers = RelationReader(connection, schema, "answers", "session_id")
        described = schema.relations
        self._questions = (
            RelationReader(connection, schema, "questions", "session_id") if "questions" in described else None
        )
        self._events = RelationReader(connection, schema, "events", "session_id") if "events" in described else None

    def fetch(self, subjects: list[SubjectRef]) -> dict[str, StoredSubject]:
        """The sessions that are stored, by id; those that are not are left out."""
        ids = [subject.id for subject in subjects]
        named = _ids_by_spelling(ids)
        sessions = {named[row["id"]]: self._session(row) for row in self._rows_of_sessions(ids)}
        for row in self._rows_of_answers(ids):
            if (session := sessions.get(name := named[row["id"]])) is not None:
                answers = dict(zip(row["question_id"], row["value"], strict=True))
                sessions[name] = replace(session, values=answers, late=tuple(row["late"] or ()))
        for row in self._rows_of_questions(ids):
            if (session := sessions.get(named[row["id"]])) is not None and session.correct is not None:
                session.correct.update(zip(row["question_id"], row["correct"], strict=True))
        self._add_log(ids, named, sessions)
        for row in self._rows_of_nearby(ids):
            if (session := sessions.get(name := named[row["id"]])) is not None:
                sessions[name] = replace(session, opened_nearby=tuple(row["others"]))
        return sessions

    def _add_log(self, ids: list[str], named: dict[str, str], sessions: dict[str, StoredSubject]) -> None:
        """Add what the platform's event history has of the sessions."""
        for row in self._rows_of_log(ids):
            if (session := sessions.get(named[row["id"]])) is not None and session.log_differences is not None:
                session.log_differences[row["question_id"]] = tuple(row["logged"] or ())
        for row in self._rows_of_history(ids):
            if (session := sessions.get(named[row["id"]])) is not None and session.times_logged is not None:
                session.times_logged.update(zip(row["question_id"], row["times"], strict=True))
        for row in self._rows_of_logged_values(ids):
            if isinstance(session := sessions.get(named[row["id"]]), StoredSubject):
                values = map(LoggedValue, row["question_id"], row["value"], row["first"])
                sessions[named[row["id"]]] = replace(session, logged_values=tuple(values))

    def unjudged(self) -> tuple[str, ...]:
        """What the database does not show: the platform's event history, if the schema has no relation for it; and
        second sessions, if the time at which a session was opened is not in a column of a time type."""
        log = () if self._events else (EVENT_HISTORY,)
        return log if self._sessions.has_time("created_at") else (*log, SECOND_SESSIONS)

    def _session(self, row: dict[str, Any]) -> StoredSubject:
        correct: dict[str, str | None] | None = None if self._questions is None else {}
        stored = StoredSubject(row["owner"], row["status"], row["score"], correct=correct)
        return replace(stored, log_differences={}, times_logged={}) if self._events else stored

    def _rows_of_sessions(self, ids: list[str]) -> list[dict[str, Any]]:
        sessions = self._sessions
        query = sql.SQL("SELECT id::text AS id, {owner} AS owner, status, score FROM ({chosen}) AS mine")
        return sessions.ask(
            query.format(owner=sessions.text("owner"), chosen=sessions.chosen()), sessions.possible(ids)
        )

    # Queries over questions, answers and events return one row for each session, with lists in it. With millions of
    # answers, a row for each answer would take most of the time, on the way from the server and in Python. The query of
    # the differing questions alone returns a row for each of them, because there are few.

    def _rows_of_questions(self, ids: list[str]) -> list[dict[str, Any]]:
        questions = self._questions
        if questions is None:
            return []
        query = sql.SQL(
            "SELECT session_id::text AS id, array_agg({question}) AS question_id, array_agg({correct}) AS correct "
            "FROM ({chosen}) AS mine GROUP BY session_id"
        )
        return questions.ask(
            query.format(
                question=questions.text("question_id"), correct=questions.text("correct"), chosen=questions.chosen()
            ),
            questions.possible(ids),
        )

    def _rows_of_answers(self, ids: list[str]) -> list[dict[str, Any]]:
        """For each session its questions, their values, and the questions whose answers were saved after the
        submission."""
        answers = self._answers
        query = sql.SQL(
            "SELECT mine.session_id::text AS id, array_agg({question}) AS question_id, array_agg({value}) AS value, "
            "array_agg({question}) FILTER (WHERE mine.saved_at > sessions.submitted_at) AS late "
            "FROM ({answers}) AS mine LEFT JOIN ({sessions}) AS sessions ON sessions.id = mine.session_id "
            "GROUP BY mine.session_id"
        )
        return answers.ask(
            query.format(
                question=answers.text("question_id", "mine"),
                value=answers.text("value", "mine"),
                answers=answers.chosen(),
                sessions=self._sessions.chosen(),
            ),
            answers.possible(ids),
            self._sessions.possible(ids),
        )

    def _rows_of_log(self, ids: list[str]) -> list[dict[str, Any]]:
        """The questions whose last event differs from the stored value, with the values of all their events.

        The database compares them: if the platform is sound, the query then returns no row.
        """
        answers, events = self._answers, self._events
        if events is None:
            return []
        query = sql.SQL(
            "SELECT coalesce(kept.session_id, seen.session_id)::text AS id, "
            "coalesce({kept_question}, {seen_question}) AS question_id, seen.logged "
            "FROM ({answers}) AS kept FULL JOIN ("
            "SELECT session_id, question_id, array_agg({event_value} ORDER BY created_at DESC, id DESC) AS logged "
            "FROM ({events}) AS mine WHERE kind = 'ANSWER' AND question_id IS NOT NULL GROUP BY session_id, question_id"
            ") AS seen ON seen.session_id = kept.session_id AND seen.question_id = kept.question_id "
            "WHERE {kept_value} IS DISTINCT FROM seen.logged[1]"
        )
        return answers.ask(
            query.format(
                kept_question=answers.text("question_id", "kept"),
                seen_question=events.text("question_id", "seen"),
                kept_value=answers.text("value", "kept"),
                event_value=events.text("value"),
                answers=answers.chosen(),
                events=events.chosen(),
            ),
            answers.possible(ids),
            events.possible(ids),
        )

    def _rows_of_history(self, ids: list[str]) -> list[dict[str, Any]]:
        """For each session the questions that the log has more than once, and how often."""
        events = self._events
        if events is None:
            return []
        query = sql.SQL(
            "SELECT session_id::text AS id, array_agg({question}) AS question_id, array_agg(times) AS times FROM ("
            "SELECT session_id, question_id, count(*) AS times FROM ({events}) AS mine "
            "WHERE kind = 'ANSWER' AND question_id IS NOT NULL GROUP BY session_id, question_id HAVING count(*) > 1"
            ") AS changed GROUP BY session_id"
        )
        return events.ask(
            query.format(question=events.text("question_id"), events=events.chosen()), events.possible(ids)
        )

    def _rows_of_logged_values(self, ids: list[str]) -> list[dict[str, Any]]:
        """For each session the different values that the log has of each question, and when each came first."""
        events = self._events
        if events is None:
            return []
        first = "extract(epoch FROM min(created_at))" if events.has_time("created_at") else "NULL"
        query = sql.SQL(
            "SELECT session_id::text AS id, array_agg(question) AS question_id, array_agg(value) AS value, "
            "array_agg(first::double precision) AS first FROM ("
            "SELECT session_id, {question} AS question, {value} AS value, {first} AS first FROM ({events}) AS mine "
            "WHERE kind = 'ANSWER' AND question_id IS NOT NULL AND {value} IS NOT NULL GROUP BY 1, 2, 3"
            ") AS logged GROUP BY session_id"
        )
        return events.ask(
            query.format(
                question=events.text("question_id"),
                value=events.text("value"),
                first=sql.SQL(first),
                events=events.chosen(),
            ),
            events.possible(ids),
        )

    def _rows_of_nearby(self, ids: list[str]) -> list[dict[str, Any]]:
        """The sessions of which other sessions of the same owner were opened within `NEARBY_SECONDS`, with the ids of
        these."""
        sessions = self._sessions
        if not sessions.has_time("created_at"):
            return []
        query = sql.SQL(
            "SELECT mine.id::text AS id, array_agg(other.id::text) AS others "
            "FROM ({chosen}) AS mine JOIN sessions AS other ON other.owner = mine.owner AND other.id <> mine.id "
            "AND other.created_at BETWEEN mine.created_at - {near} AND mine.created_at + {near} "
            "AND other.created_at >= coalesce((SELECT min(created_at) FROM ({chosen}) AS first), '-infinity') "
            "GROUP BY mine.id"
        )
        filled = query.format(chosen=sessions.chosen(), near=sql.SQL(_NEAR))
        return sessions.ask(filled, sessions.possible(ids), sessions.possible(self._first))


class RelationReader:
    """Reads one relation. Its rows are searched with ids in the type of the key column, so that an index can be
    used."""

    def __init__(self, connection: Connection, schema: Schema, relation: RelationName, key: str) -> None:
        self._connection = connection
        self._schema = schema
        self._relation = sql.Identifier(relation)
        self._key = key
        query = bound_query(sql.SQL("SELECT * FROM {} LIMIT 0").format(self._relation), schema)
        described = connection.execute(query).description or []
        self._types = {column.name: _type_name(column.type_code) for column in described}

    def text(self, column: str, of: str | None = None) -> sql.Composed:
        """The SQL that returns the column (of the alias `of`) as text, as a ledger has it."""
        name = sql.Identifier(column) if of is None else sql.Identifier(of, column)
        as_text = sql.SQL(" #>> '{}'") if self._types[column] in ("json", "jsonb") else sql.SQL("::text")
        return name + as_text

    def has_time(self, column: str) -> bool:
        """Whether the column holds moments in a type of its own."""
        return self._types[column] in ("timestamp", "timestamptz")

    def has_time_zone(self, column: str) -> bool:
        """Whether the column holds moments with their time zone."""
        return self._types[column] == "timestamptz"

    def chosen(self) -> sql.Composed:
        """The SQL that selects the rows of some sessions. Its one parameter is their ids, as `possible` returns
        them."""
        key = sql.Identifier(self._key)
        kind = self._types[self._key]
        if kind == "uuid":
            found_by = sql.SQL("{} = ANY(%s::uuid[])").format(key)
        elif kind in _WHOLE_NUMBERS:
            found_by = sql.SQL("{} = ANY(%s::bigint[])").format(key)
        elif kind in ("text", "varchar"):
            found_by = sql.SQL("{} = ANY(%s::text[])").format(key)
        else:
            found_by = sql.SQL("{}::text = ANY(%s::text[])").format(key)
        return sql.SQL("SELECT * FROM {} WHERE {}").format(self._relation, found_by)

    def ask(self, query: sql.Composed, *values: list[str]) -> list[dict[str, Any]]:
        """The rows of a query over relations of the schema; `values` are its parameters."""
        # A prepared statement would have one plan for any list of ids, long or short, which would be a guess.
        return self._connection.execute(bound_query(query, self._schema), values, prepare=False).fetchall()

    def possible(self, ids: list[str]) -> list[str]:
        """Those of the ids that the type of the key column can hold; casting any other one would be an error. A column
        of text may hold an id in another spelling than the API's."""
        kind = self._types[self._key]
        if kind == "uuid":
            return [usual for usual in map(canonical, ids) if _is_uuid(usual)]
        if kind in _WHOLE_NUMBERS:
            return [given for given in ids if _is_whole_number(given)]
        return [way for given in ids for way in spellings(given)]


def _ids_by_spelling(ids: list[str]) -> dict[str, str]:
    """Spelling in which a table may hold an id -> the id as it was asked for."""
    return {way: given for given in ids for way in spellings(given)} | {given: given for given in ids}


def _type_name(code: int) -> str:
    name = types.get(code)
    return "" if name is None else name.name


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _is_whole_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 20 and abs(int(text)) <= _BIGGEST
