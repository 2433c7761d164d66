"""The ledger: every write that was attempted, before it was sent and after its fate was known.

Append-only JSON lines in unbuffered writes, so that a file is readable after a crash at any byte. A write is
`actor` (who), `kind` (what), `subject` (to which thing), `key` and `value`; for an exam these are candidate,
create/answer/submit, session, question and choice.
"""

import errno
import json
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from pytest_examday.evidence.figures import WriteCounts

State = Literal["intent", "acknowledged", "refused", "unknown"]


class Write(msgspec.Struct, frozen=True, gc=False):
    """One write and what became of it; `unknown` means that no answer ever came."""

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
    """One line: an intent, which has a kind, or the fate of an intent before it, which has none."""

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
    """The line of an intent."""

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
    """The line of a fate."""

    id: str
    state: State
    answered_at: float
    request_id: str | None = None
    subject: str | None = None
    result: str | None = None


_encode = msgspec.json.Encoder().encode


class LedgerWriter:
    """Appends to one ledger file; one writer per process and file."""

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
        """Record a write before it is sent; ids that a platform gives as numbers are kept as text.

        Raises OSError where the file takes no whole line: what is not on disk must not be sent.
        """
        self._count += 1
        name, sent_at = f"{self._prefix}-{self._count}", time.time()
        owner, subject, key, value = _text(owner), _text(subject), _text(key), _text(value)
        self._append(_Intent(name, kind, actor, sent_at, "intent", owner, subject, key, value, sequence))
        return Write(name, kind, actor, sent_at, owner, subject, key, value, sequence)

    def settle(
        self, write: Write, state: State, request_id: str | None, subject: str | None = None, result: str | None = None
    ) -> None:
        """Record what became of it, once; `result` is what the answer gave back, for a submit the score.

        Raises OSError where the file takes no whole line.
        """
        self._append(_Fate(write.id, state, time.time(), request_id, _text(subject), result))

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
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can carry
        return json.dumps(msgspec.structs.asdict(line), separators=(",", ":")).encode() + b"\n"


def _text(item: Any) -> str | None:
    return item if item is None or type(item) is str else str(item)


def replay(path: Path) -> Iterator[Write]:
    """The writes of the file in the order of sending; an intent without a fate becomes `unknown`.

    Each is given as soon as its own fate and those of all before it are read, so no more is held than was under
    way at once. Raises ValueError, naming file and line, for damage anywhere but in the last line, which a crash
    may cut.
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
    """The line; None for one that a crash cut: that write was not on disk, so it was not sent or has no known fate."""
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            plain = json.loads(text)  # reads what a strict decoder refuses: half of a surrogate pair
        except ValueError:
            if text.endswith(b"\n"):
                raise
            return None
        return msgspec.convert(plain, _Line)


def _take(line: _Line, sent: deque[_Line], pending: dict[str, _Line]) -> None:
    """Put an intent into the queue, or the fate to its intent; KeyError where there is none that waits for it."""
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


def count(writes: Iterable[Write]) -> WriteCounts:
    """How the writes ended."""
    ended = Counter(write.state for write in writes)
    return WriteCounts(
        attempted=ended.total(),
        acknowledged=ended["acknowledged"],
        refused=ended["refused"],
        unknown=ended["unknown"],
    )
