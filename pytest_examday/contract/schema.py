"""How a platform's tables provide the relations that the SQL files in `sql/` read."""

import re
from typing import Literal

from pydantic import field_validator

from pytest_examday.record import Record
from pytest_examday.several_mistakes import several_mistakes

RelationName = Literal["sessions", "questions", "answers", "events", "mastery_updates", "mastery"]

REQUIRED: dict[str, tuple[str, ...]] = {
    "sessions": ("id", "owner", "status", "created_at", "expires_at", "submitted_at", "score"),
    "answers": ("session_id", "question_id", "value", "sequence", "saved_at"),
}
"""The relations that every platform has, with their columns. `status` is 'ACTIVE' or 'SUBMITTED'."""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "questions": ("session_id", "question_id", "correct"),
    "events": ("id", "session_id", "kind", "question_id", "value", "created_at"),
    "mastery_updates": ("session_id", "topic"),
    "mastery": ("owner", "topic", "answered"),
}
"""Relations that a platform may not have; an SQL file that names one of them is then not run, and its line is no part
of the rehearsal.

`questions` are those of a session, with the right choice; `events` are the event history, the platform's own record of
answers, of which `kind` is 'CREATE', 'ANSWER' or 'SUBMIT'; `answered` counts the questions of a topic in the submitted
sessions of a person.
"""

MAY_LACK: dict[str, tuple[str, ...]] = {"sessions": ("max_score",), "events": ("owner",), "mastery": ("correct",)}
"""Further columns, which a relation may leave out; such a column is then NULL. `max_score` is the score of a session if
every question is answered rightly, and so the number of its questions. The `owner` of an event is the person whom it
names. `correct` counts the right answers among `answered`."""

COLUMNS = REQUIRED | OPTIONAL
"""All relations and columns that SQL files may use. A platform with other words for status and kind translates them in
its column expressions; a column that it lacks is the expression NULL."""


TYPES = {
    **dict.fromkeys(("created_at", "expires_at", "submitted_at", "saved_at"), "timestamptz"),
    **dict.fromkeys(("sequence", "answered", "max_score"), "bigint"),
}
"""The type of a column that SQL files compare or count with; a column that the platform lacks is a NULL of it."""


class Relation(Record):
    """One relation: the table that it is read from, and the SQL expression of each column."""

    table: str
    columns: dict[str, str]


class Schema(Record):
    """The relations of one platform."""

    name: str
    relations: dict[RelationName, Relation]

    @field_validator("relations")
    @classmethod
    def _complete(cls, relations: dict[RelationName, Relation]) -> dict[RelationName, Relation]:
        needed = REQUIRED | {name: columns for name, columns in OPTIONAL.items() if name in relations}
        mistakes: list[tuple[tuple[str, ...], str]] = []
        for name, columns in needed.items():
            if name not in relations:
                mistakes.append(((name,), f"is missing; its columns: {', '.join(columns)}"))
                continue
            have = relations[name].columns
            missing = [column for column in columns if column not in have]
            mistakes += (((name, "columns", column), "is missing") for column in missing)
        if mistakes:
            raise several_mistakes(mistakes)
        return {name: _with_nulls(relation, MAY_LACK.get(name, ())) for name, relation in relations.items()}

    def lacking(self, text: str) -> str | None:
        """Which relations the SQL text names that this platform does not have, in words; None if it has them all."""
        statement = re.sub(r"--.*", "", text)
        missing = [name for name in OPTIONAL if name not in self.relations and re.search(rf"\b{name}\b", statement)]
        return f"the schema has no relation {', '.join(f'`{name}`' for name in missing)}" if missing else None


def _with_nulls(relation: Relation, columns: tuple[str, ...]) -> Relation:
    lacking = {column: "NULL" for column in columns if column not in relation.columns}
    return relation.model_copy(update={"columns": relation.columns | lacking}) if lacking else relation
