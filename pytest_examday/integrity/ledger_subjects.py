"""Groups the writes of a ledger by subject, and keeps only what a comparison needs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from pytest_examday.load.ledger import State, Write

_OPENING, _KEYED, _FINISH = "create", "answer", "submit"
"""The kinds of an exam's writes: one opens a subject, those with a key fill it, and one finishes it."""


_ACKNOWLEDGED: State = "acknowledged"


class KeyedWrite(msgspec.Struct, frozen=True, gc=False):
    """A write to one key of a subject. A ledger has millions of them, so only the needed fields are kept."""

    key: str
    value: str | None
    sequence: int
    state: State
    request_id: str | None
    answered_at: float | None = None
    sent_at: float | None = None


@dataclass(slots=True)
class LedgerSubject:
    """All writes of one subject. `actor` and `owner` are None until the write that opens the subject is read."""

    id: str
    actor: str | None = None
    owner: str | None = None
    opened_with: tuple[str, ...] = ()
    """The keys in the reply to the opening write (in an exam the questions); empty if it named none."""
    results: tuple[str, ...] = ()
    """All results with which the finish was acknowledged."""
    other_subject: str | None = None
    """Another subject that the same opening write made; None if there is none."""
    other_actor: str | None = None
    """Another actor to whom the platform gave this subject as a new one; None if there is none."""
    writes: list[KeyedWrite] = field(default_factory=list)
    finish: Write | None = None

    def by_key(self) -> dict[str, list[KeyedWrite]]:
        """The writes of each key, in the order of sending."""
        groups: dict[str, list[KeyedWrite]] = {}
        for write in self.writes:
            groups.setdefault(write.key, []).append(write)
        return groups

    @property
    def last_acknowledged_at(self) -> float | None:
        """When the last of the writes was acknowledged (seconds since the epoch); None if none was."""
        moments = [write.answered_at for write in (*self.writes, self.finish) if write and write.state == _ACKNOWLEDGED]
        return max((moment for moment in moments if moment is not None), default=None)

    @property
    def acknowledged(self) -> int:
        """How many of the writes were acknowledged."""
        return sum(write.state == _ACKNOWLEDGED for write in self.writes)


@dataclass(slots=True)
class LedgerSubjects:
    """The subjects of a ledger by id, and how many of their writes with a key were acknowledged."""

    subjects: dict[str, LedgerSubject] = field(default_factory=dict)
    acknowledged: int = 0
    _opened_by: dict[tuple[str, str], str] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def enter(self, write: Write) -> None:
        """Add one write; to be called in the order of sending."""
        if write.kind == _KEYED and write.state == _ACKNOWLEDGED:
            self.acknowledged += 1
        if write.subject is None:
            return
        subject = self.subjects.get(write.subject)
        if subject is None:
            subject = self.subjects[write.subject] = LedgerSubject(write.subject)
        if write.kind == _KEYED and write.key is not None:
            key = self._texts.setdefault(write.key, write.key)
            subject.writes.append(_keyed(key, write))
        elif write.kind == _OPENING:
            self._open(subject, write)
        elif write.kind == _FINISH:
            subject.finish = write
            if write.result is not None and write.result not in subject.results:
                subject.results += (write.result,)

    def _open(self, subject: LedgerSubject, write: Write) -> None:
        if subject.actor not in (None, write.actor):
            subject.other_actor = write.actor
            return
        subject.actor, subject.owner = write.actor, write.owner
        if write.result:
            subject.opened_with = tuple(self._texts.setdefault(key, key) for key in split_keys(write.result))
        if write.key is not None:
            first = self._opened_by.setdefault((write.actor, write.key), subject.id)
            subject.other_subject = first if first != subject.id else None

    def opened(self) -> list[LedgerSubject]:
        """The subjects whose opening was acknowledged."""
        return [subject for subject in self.subjects.values() if subject.actor is not None]


def joined_keys(keys: Iterable[object]) -> str:
    """The keys of a subject as the ledger holds them in the result of the opening write."""
    return "\n".join(map(str, keys))


def split_keys(result: str) -> tuple[str, ...]:
    """The keys of a subject that `joined_keys` has joined."""
    return tuple(result.split("\n"))


def _keyed(key: str, write: Write) -> KeyedWrite:
    return KeyedWrite(key, write.value, write.sequence, write.state, write.request_id, write.answered_at, write.sent_at)


def last_acknowledged(writes: list[KeyedWrite]) -> KeyedWrite | None:
    """The acknowledged write with the highest sequence; None if none was acknowledged."""
    last = None
    for write in writes:
        if write.state == _ACKNOWLEDGED and (last is None or write.sequence > last.sequence):
            last = write
    return last
