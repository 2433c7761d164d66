"""Writes of a ledger, and a source of their stored state."""

from dataclasses import dataclass, field
from itertools import starmap
from typing import Any, Literal

from pytest_examday.integrity.stored_state import LoggedValue, StoredSubject, StoredSubjects, SubjectRef
from pytest_examday.load.ledger import State, Write


def write(kind: str, state: State = "acknowledged", **fields: Any) -> Write:
    """One write of the session s-1."""
    values: dict[str, Any] = {"subject": "s-1", "owner": "user-1", "request_id": "ed-1", "sent_at": 0.0, **fields}
    return Write(id=f"{kind}-{fields}", kind=kind, actor="ada", state=state, **values)


def answer(
    value: str | None, sequence: int = 1, state: State = "acknowledged", key: str = "q1", sent_at: float = 0.0
) -> Write:
    """An answer to a question; without a value it takes the answer back."""
    return write("answer", state, key=key, value=value, sequence=sequence, sent_at=sent_at)


SUBMIT = write("submit", result="1")


@dataclass
class Row:
    """What the database holds of s-1; the right choice of every question is A."""

    answers: dict[str, str | None] = field(default_factory=dict)
    status: str = "SUBMITTED"
    score: float | None = 0
    owner: str = "user-1"
    late: tuple[str, ...] = ()
    log: dict[str, tuple[str | None, ...]] | None = field(default_factory=dict)
    times_logged: dict[str, int] | None = None
    logged: tuple[tuple[str, str, float | None], ...] = ()
    siblings: tuple[str, ...] = ()
    keyless: bool = False

    def stored(self) -> StoredSubject:
        """The session as it is read."""
        return StoredSubject(
            owner=self.owner,
            status=self.status,
            score=self.score,
            values=self.answers,
            late=self.late,
            correct=None if self.keyless else {f"q{number}": "A" for number in range(1, 10)},
            log_differences=self.log,
            times_logged=self.times_logged,
            logged_values=tuple(starmap(LoggedValue, self.logged)),
            opened_nearby=self.siblings,
        )


@dataclass
class Holding:
    """A source that holds exactly these sessions, which remembers how many it was asked for at a time."""

    stored: StoredSubjects
    name: Literal["database", "api"] = "database"
    asked: list[int] = field(default_factory=list)

    def fetch(self, sought: list[SubjectRef]) -> StoredSubjects:
        """Those that it has."""
        self.asked.append(len(sought))
        return {one.id: self.stored[one.id] for one in sought if one.id in self.stored}

    def unjudged(self) -> tuple[str, ...]:
        """As if it could not see owners."""
        return ("owners",)
