"""What a witness tells of the sessions that a ledger speaks of: the database, or the platform's API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pytest_examday.evidence.reconciliation import WitnessName


class Sought(NamedTuple):
    """A session that a ledger speaks of, and the candidate who opened it."""

    id: str
    actor: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One session as it is stored, with its answers and its frozen key.

    `late` are the questions whose answers were saved after the submission. `correct` is None where the witness does
    not tell the right choices, `owner` where it does not tell whose the session is. `log` is what the platform's own
    log of events says of the questions of which it says something else than is stored: the logged values, the latest
    first, none where it holds no event; None where the witness does not read the log.
    """

    owner: str | None
    status: str
    score: float | None
    answers: dict[str, str | None] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    correct: dict[str, str | None] | None = None
    log: dict[str, tuple[str | None, ...]] | None = None

    def logged_last(self, question: str) -> str | None:
        """The value with which the log ends for that question, None where it holds none."""
        if self.log is None:
            return None
        values = self.log.get(question, (self.answers.get(question),))
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Unread:
    """A session of which the witness could not say anything, and why."""

    reason: str


Testimony = Mapping[str, StoredSession | Unread]
"""What is told of some sessions, by id; one that is not in it does not exist."""


class Witness(Protocol):
    """Somebody who can say what is stored."""

    @property
    def name(self) -> WitnessName:
        """Which one."""

    def fetch(self, sought: list[Sought]) -> Testimony:
        """What is stored of these sessions."""

    def unjudged(self) -> tuple[str, ...]:
        """What could not be told of the sessions fetched so far."""
