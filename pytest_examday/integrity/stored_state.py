"""A witness tells what is stored of the subjects of a ledger: the database, or the platform's API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pytest_examday.evidence.reconciliation import StateSourceName

FINISHED = "SUBMITTED"
"""The status of a finished subject, as the contract and the schema of an exam give it."""


class SubjectRef(NamedTuple):
    """A subject of the ledger, and the actor who opened it."""

    id: str
    actor: str


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """One subject as it is stored: an exam's session with its answers.

    `values` has the stored value of each key. `late` are the keys whose values were saved after the finish. `score` and
    `correct`, the right choice of each key, are an exam's; `correct` is None if the witness does not tell it. `owner`
    is None if the witness does not tell it.

    `log_differences` has only those keys for which the platform's own log of events ends with another value than the stored one:
    the logged values, the latest first, none if the log has no event of the key. It is None if the witness does not
    read the log. `times_logged` has the keys of which the log has more than one event, and how many; it is None if
    the witness does not count them.

    `opened_nearby` are subjects of the same owner that were opened within 10 s of this one."""

    owner: str | None
    status: str
    score: float | None
    values: dict[str, str | None] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    correct: dict[str, str | None] | None = None
    log_differences: dict[str, tuple[str | None, ...]] | None = None
    times_logged: dict[str, int] | None = None
    opened_nearby: tuple[str, ...] = ()

    def last_logged_value(self, key: str) -> str | None:
        """The last value that the log holds for this key; None if it holds none or is not read."""
        if self.log_differences is None:
            return None
        values = self.log_differences.get(key, (self.values.get(key),))
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class UnreadableSubject:
    """A subject that the witness could not read, and why."""

    reason: str


StoredSubjects = Mapping[str, StoredSubject | UnreadableSubject]
"""What a witness tells of some subjects, by id. A subject that is not in it does not exist."""


class StateSource(Protocol):
    """A source that tells what is stored."""

    @property
    def name(self) -> StateSourceName:
        """The name of the source."""

    def fetch(self, subjects: list[SubjectRef]) -> StoredSubjects:
        """What is stored of these subjects."""

    def unjudged(self) -> tuple[str, ...]:
        """What the witness could not tell of the subjects that it was asked for so far, in words."""
