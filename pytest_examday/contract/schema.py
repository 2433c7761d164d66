"""How a platform's tables provide the five relations that the SQL files in `sql/` read."""

from typing import Literal

from pydantic import field_validator

from pytest_examday.record import Record

RelationName = Literal["sessions", "questions", "answers", "events", "mastery_updates", "mastery"]

COLUMNS: dict[str, tuple[str, ...]] = {
    "sessions": ("id", "owner", "status", "created_at", "expires_at", "submitted_at", "score"),
    "questions": ("session_id", "question_id", "correct"),
    "answers": ("session_id", "question_id", "value", "sequence", "saved_at"),
    "events": ("id", "session_id", "kind", "question_id", "value", "created_at"),
    "mastery_updates": ("session_id", "topic"),
}
"""The relations and columns that SQL files may use.

`status` is 'ACTIVE' or 'SUBMITTED'; `kind` is 'CREATE', 'ANSWER' or 'SUBMIT'. A platform with other words translates
them in its column expressions.
"""

OPTIONAL: dict[str, tuple[str, ...]] = {"mastery": ("owner", "topic", "answered")}
"""Relations that a platform may not have; an SQL file that names one of them is then not run.

`answered` counts the questions of a topic in the submitted sessions of a person.
"""


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
        needed = COLUMNS | {name: columns for name, columns in OPTIONAL.items() if name in relations}
        for name, columns in needed.items():
            have = set(relations[name].columns) if name in relations else set()
            missing = [f"{name}.{column}" for column in columns if column not in have]
            if missing:
                raise ValueError(f"missing {', '.join(missing)}")
        return relations
