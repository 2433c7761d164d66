"""Changes that the rehearsal makes to a platform on purpose, and how exam mode is read beside the API."""

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from pytest_examday.contract.operation import Operation
from pytest_examday.contract.vocabulary import PLACEHOLDER, Mistake, unknown_placeholders
from pytest_examday.record import DESCRIBED_FIELDS, Record
from pytest_examday.several_mistakes import several_mistakes

SUBJECT = "session_id"
"""The placeholder for one exam that a run has opened, in the operation that cleans up."""
SUBJECTS = "session_ids"
"""The placeholder for all exams that a run has opened, in SQL that cleans up."""
_MOST_SETTLE_SECONDS = 600

Statement = Annotated[str, Field(min_length=1)]


def _listed(given: Any) -> Any:
    """A single statement as a list. Raises ValueError for what is neither a text nor a list."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, list | tuple):
        raise ValueError("must be a text or a list of texts")
    return given


_A_STATEMENT = {"type": "string", "minLength": 1}
Statements = Annotated[
    tuple[Statement, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [_A_STATEMENT, {"type": "array", "items": _A_STATEMENT, "minItems": 1}]}),
]
"""One statement or several. In a file one is a text."""


class ReadMethod(Record):
    """How exam mode is read beside the API: by a statement or by a command."""

    model_config = DESCRIBED_FIELDS

    sql: Statement | None = None
    """A statement that only reads. The first value of its first row is the mode."""
    command: Annotated[str, Field(min_length=1)] | None = None
    """A shell command. The last line that it prints is the mode."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        _require_one(self, ("sql", "command"))
        return self


class Change(Record):
    """How something is changed: by SQL, by a command or by an operation of the API."""

    model_config = DESCRIBED_FIELDS

    sql: Statements = ()
    """A statement, or several; they run in one transaction at `write_database_url`."""
    command: Annotated[str, Field(min_length=1)] | None = None
    """A shell command. It ends with 0 if the change was made."""
    operation: Operation | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        _require_one(self, ("sql", "command", "operation"))
        return self

    @property
    def way(self) -> str:
        """The key that says how the change is made."""
        return next(name for name in ("sql", "command", "operation") if getattr(self, name))

    def unknown_placeholders(self, *valid: str) -> Iterator[Mistake]:
        """The placeholders of its operation that are not among the valid ones."""
        if self.operation is None:
            return
        for key in ("path", "body", "form", "multipart", "headers"):
            yield from unknown_placeholders(("operation", key), getattr(self.operation, key), valid)


def _require_one(record: Record, keys: tuple[str, ...]) -> None:
    ways = [key for key in keys if getattr(record, key)]
    if len(ways) != 1:
        has = f"has {' and '.join(ways)}" if ways else "is empty"
        raise ValueError(f"{has}; give one of: {', '.join(keys)}")


class ExamModeSettings(Record):
    """How exam mode is read beside the API, and how the rehearsal switches it.

    Without `on` and `off` the rehearsal only reads it.
    """

    model_config = DESCRIBED_FIELDS

    read: ReadMethod | None = None
    on: Change | None = None
    """Switches exam mode on before phase 1, if it is off."""
    off: Change | None = None
    """Switches it off again, however the run ends."""
    settle_seconds: Annotated[float, Field(ge=0, le=_MOST_SETTLE_SECONDS)] = 0.0
    """For how long a worker may still see the mode from before a switch."""

    @model_validator(mode="after")
    def _goes_back(self) -> Self:
        if self.on is not None and self.off is None:
            raise several_mistakes([(("off",), "is missing; what `on` switches has to be switched back")])
        if self.off is not None and self.on is None:
            raise several_mistakes([(("on",), "is missing; without it there is nothing that `off` would switch back")])
        return self


class CleanUp(Change):
    """How the exams that a run has opened are removed."""

    @model_validator(mode="after")
    def _names_what_it_removes(self) -> Self:
        mistakes: list[tuple[tuple[str | int, ...], str]] = []
        if self.operation is not None and not self.operation.sends(SUBJECT):
            mistakes.append((("operation",), f"has no {{{SUBJECT}}}: it has to name the exam that it removes"))
        for number, statement in enumerate(self.sql):
            mistakes += ((("sql", number), words) for words in _mistakes_in(statement))
        if mistakes:
            raise several_mistakes(mistakes)
        return self


def _mistakes_in(statement: str) -> Iterator[str]:
    """What is wrong with the placeholders of a statement that cleans up. A number in braces is an array of SQL."""
    names = dict.fromkeys(PLACEHOLDER.findall(statement))
    unknown = [name for name in names if name != SUBJECTS and not name.isdigit()]
    for name in unknown:
        yield f"unknown placeholder {{{name}}}; valid: {{{SUBJECTS}}}"
    if SUBJECTS not in names and not unknown:
        yield f"has no {{{SUBJECTS}}}: it may remove only the exams that the run has opened"
