"""What the database holds of the sessions that a ledger speaks of."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pytest_examday.contract.schema import Schema
from pytest_examday.site import Connection


@dataclass(frozen=True)
class StoredAnswer:
    """One row of answers."""

    value: str | None
    saved_at: datetime


@dataclass(frozen=True)
class StoredSession:
    """One row of sessions with its answers and its frozen key."""

    owner: str
    status: str
    submitted_at: datetime | None
    score: float | None
    answers: dict[str, StoredAnswer] = field(default_factory=dict)
    correct: dict[str, str | None] = field(default_factory=dict)


def fetch(connection: Connection, schema: Schema, ids: list[str]) -> dict[str, StoredSession]:
    """The stored sessions among these, by id."""
    sessions = {
        str(row["id"]): StoredSession(str(row["owner"]), row["status"], row["submitted_at"], row["score"])
        for row in _rows(connection, schema, "SELECT * FROM sessions WHERE id::text = ANY(%s)", ids)
    }
    for row in _rows(connection, schema, "SELECT * FROM answers WHERE session_id::text = ANY(%s)", ids):
        if (session := sessions.get(str(row["session_id"]))) is not None:
            session.answers[str(row["question_id"])] = StoredAnswer(row["value"], row["saved_at"])
    for row in _rows(connection, schema, "SELECT * FROM questions WHERE session_id::text = ANY(%s)", ids):
        if (session := sessions.get(str(row["session_id"]))) is not None:
            session.correct[str(row["question_id"])] = row["correct"]
    return sessions


def _rows(connection: Connection, schema: Schema, query: str, ids: list[str]) -> list[dict[str, Any]]:
    return connection.execute(schema.bind(query).encode(), (ids,)).fetchall()
