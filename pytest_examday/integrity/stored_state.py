"""The stored state of the subjects of a ledger, and its sources: the database, or the platform's API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pytest_examday.evidence.reconciliation import StateSourceName

FINISHED = "SUBMITTED"
"""The status of a finished subject, as the contract and the schema of an exam give it."""
NEARBY_SECONDS = 10
"""Subjects that one owner has opened within this time may come from one start."""


class SubjectRef(NamedTuple):
    """A subject of the ledger, and the actor who opened it."""

    id: str
    actor: str


class LoggedValue(NamedTuple):
    """A value that the platform's event history has for a key. `first` is the time of its first event (seconds
    since the epoch), None if the log has no time."""

    key: str
    value: str
    first: float | None


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """One subject as it is stored: an exam's session with its answers."""

    owner: str | None
    """None if the source does not show it."""
    status: str
    score: float | None
    values: dict[str, str | None] = field(default_factory=dict)
    """Key -> stored value."""
    late: tuple[str, ...] = ()
    """The keys whose values were saved after the finish."""
    correct: dict[str, str | None] | None = None
    """Key -> the right choice; None if the source does not show it."""
    log_differences: dict[str, tuple[str | None, ...]] | None = None
    """Key -> its values in the platform's event history, the latest first; empty if it has none. It holds only
    keys for which the log ends with another value than the stored one. None if the source does not read the log."""
    times_logged: dict[str, int] | None = None
    """Key with more than one event in the log -> number of its events; None if the source does not count them."""
    logged_values: tuple[LoggedValue, ...] = ()
    """The different values of each key in the log; empty if the source does not read the log."""
    opened_nearby: tuple[str, ...] = ()
    """Other subjects of the same owner that were opened within `NEARBY_SECONDS` of this one."""

    def last_logged_value(self, key: str) -> str | None:
        """The last value of this key in the log; None if the log has none or is not read."""
        if self.log_differences is None:
            return None
        values = self.log_differences.get(key, (self.values.get(key),))
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class UnreadableSubject:
    """A subject that the source could not read, and why."""

    reason: str


StoredSubjects = Mapping[str, StoredSubject | UnreadableSubject]
"""Id of a subject -> its stored state. A subject that is missing here does not exist on the platform."""


class StateSource(Protocol):
    """A source of the stored state."""

    @property
    def name(self) -> StateSourceName:
        """The name of the source."""

    def fetch(self, subjects: list[SubjectRef]) -> StoredSubjects:
        """The stored state of these subjects."""

    def unjudged(self) -> tuple[str, ...]:
        """What the source does not show of the subjects that were fetched so far, in words."""
