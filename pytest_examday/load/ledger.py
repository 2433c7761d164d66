"""The ledger: a file with two lines for every write, one before it is sent and one when its fate is known.

The lines are JSON, appended without a buffer, so that the file is readable after a crash at any byte. A write has an
`actor` (who), a `kind` (what), a `subject` (to which thing), a `key` and a `value`. In an exam these are the candidate,
create, answer or submit, the session, the question and the choice.
"""

import errno
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from pytest_examday.evidence.figures import WriteCounts
from pytest_examday.monotonic_clock import now

State = Literal["intent", "acknowledged", "refused", "unknown"]


class Write(msgspec.Struct, frozen=True, gc=False):
    """One write and its fate; `unknown`: no reply says whether the platform has stored it.

    `sent_at` and `answered_at` are seconds since the epoch. `owner` is the platform's id of the actor. `sequence`
    orders the writes of one subject. `result` is the value in the reply (in an exam the score)."""

    id: str
    kind: str
    actor: str
    sent_at: float
    owner: str | None = None
    subject: str | None = None
    key: str | None = None
    value: str | None = None
    sequence: int = 0
    state: State = "intent"
    answered_at: float | None = None
    request_id: str | None = None
    result: str | None = None


class _Line(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A line as it is read. An intent has a kind; a fate has none, and has the id of an intent before it."""

    id: str
    state: State
    kind: str | None = None
    actor: str | None = None
    sent_at: float | None = None
    owner: str | None = None
    subject: str | None = None
    key: str | None = None
    value: str | None = None
    sequence: int = 0
    answered_at: float | None = None
    request_id: str | None = None
    result: str | None = None


_DECODER = msgspec.json.Decoder(_Line)


class _Intent(msgspec.Struct, gc=False, omit_defaults=True):
    """The line that says that a write is about to be sent."""

    id: str
    kind: str
    actor: str
    sent_at: float
    state: State
    owner: str | None = None
    subject: str | None = None
    key: str | None = None
    value: str | None = None
    sequence: int = 0


class _Fate(msgspec.Struct, gc=False, omit_defaults=True):
    """The line that says what became of a write."""

    id: str
    state: State
    answered_at: float
    request_id: str | None = None
    subject: str | None = None
    result: str | None = None


_encode = msgspec.json.Encoder().encode


class LedgerWriter:
    """Appends to one ledger file, which no other process writes."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab", buffering=0)
        self._count = 0
        self._prefix = path.stem
        self._cut = False

    def intend(
        self,
        kind: str,
        actor: str,
        owner: str | None,
        subject: str | None,
        key: str | None = None,
        value: str | None = None,
        sequence: int = 0,
    ) -> Write:
        """Record a write before it is sent. Ids that are numbers are kept as text.

        Raises OSError if the file does not take the whole line: then the write must not be sent.
        """
        self._count += 1
        name, sent_at = f"{self._prefix}-{self._count}", now()
        owner, subject, key, value = _text(owner), _text(subject), _text(key), _text(value)
        self._append(_Intent(name, kind, actor, sent_at, "intent", owner, subject, key, value, sequence))
        return Write(name, kind, actor, sent_at, owner, subject, key, value, sequence)

    def settle(
        self, write: Write, state: State, request_id: str | None, subject: str | None = None, result: str | None = None
    ) -> None:
        """Record the fate of a write, once. `subject` and `result` come from the reply.

        Raises OSError if the file does not take the whole line.
        """
        self._append(_Fate(write.id, state, now(), request_id, _text(subject), result))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, line: _Intent | _Fate) -> None:
        if self._cut:
            raise OSError(errno.EIO, "the ledger was cut in the middle of a line, so nothing may follow")
        content = _encoded(line)
        if self._file.write(content) != len(content):
            self._cut = True
            raise OSError(errno.ENOSPC, "the ledger took only a part of a line")


def _encoded(line: _Intent | _Fate) -> bytes:
    try:
        return _encode(line) + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair: the faster encoder refuses it, an escape can carry it
        return json.dumps(msgspec.structs.asdict(line), separators=(",", ":")).encode() + b"\n"


def _text(item: Any) -> str | None:
    return item if item is None or type(item) is str else str(item)


def replay(path: Path) -> Iterator[Write]:
    """The writes of the file in the order of sending; an intent without a fate becomes `unknown`.

    A write is given once its own fate and those of all earlier writes are read, so that only the writes that were under
    way at the same time are in memory. Raises ValueError, naming file and line, for a damaged line. The last line may
    be cut short by a crash, and is then left out.
    """
    sent: deque[_Line] = deque()
    pending: dict[str, _Line] = {}
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if text == b"\n":
                continue
            try:
                line = _parse(text)
                if line is not None:
                    _take(line, sent, pending)
            except (ValueError, KeyError, msgspec.ValidationError):
                raise ValueError(f"{path}: line {number} is damaged") from None
            while sent and sent[0].state != "intent":
                yield _whole(sent.popleft())
    yield from map(_whole, sent)


def _parse(text: bytes) -> _Line | None:
    """The line; None if a crash cut it short. A cut intent was never sent; a cut fate leaves its write unknown."""
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            plain = json.loads(text)  # the faster decoder refuses half of a surrogate pair
        except ValueError:
            if text.endswith(b"\n"):
                raise
            return None
        return msgspec.convert(plain, _Line)


def _take(line: _Line, sent: deque[_Line], pending: dict[str, _Line]) -> None:
    """Add an intent to the queue, or a fate to its intent; raises KeyError if no open intent has the fate's id."""
    if line.kind is not None:
        if line.state != "intent" or line.actor is None or line.sent_at is None:
            raise ValueError(line.id)
        sent.append(line)
        pending[line.id] = line
        return
    intent = pending.pop(line.id)
    if line.state == "intent":
        raise ValueError(line.id)
    intent.state = line.state
    intent.answered_at = line.answered_at
    intent.request_id = line.request_id
    if line.subject is not None:
        intent.subject = line.subject
    intent.result = line.result


def _whole(line: _Line) -> Write:
    return Write(
        line.id,
        line.kind or "",
        line.actor or "",
        line.sent_at or 0.0,
        line.owner,
        line.subject,
        line.key,
        line.value,
        line.sequence,
        "unknown" if line.state == "intent" else line.state,
        line.answered_at,
        line.request_id,
        line.result,
    )


def count_writes(writes: Iterable[Write]) -> WriteCounts:
    """How many of the writes ended in which way."""
    ended = Counter(write.state for write in writes)
    return WriteCounts(
        attempted=ended.total(),
        acknowledged=ended["acknowledged"],
        refused=ended["refused"],
        unknown=ended["unknown"],
    )
