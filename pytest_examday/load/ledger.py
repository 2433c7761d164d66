"""The ledger: every write that was attempted, before it was sent and after its fate was known.

Append-only JSON lines in unbuffered writes, so that a file is readable after a crash at any byte. A write is
`actor` (who), `kind` (what), `subject` (to which thing), `key` and `value`; for an exam these are candidate,
create/answer/submit, session, question and choice.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

from pytest_examday.evidence.figures import WriteCounts

State = Literal["intent", "acknowledged", "refused", "unknown"]


@dataclass(frozen=True)
class Write:
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


class LedgerWriter:
    """Appends to one ledger file; one writer per process and file."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab", buffering=0)
        self._count = 0
        self._prefix = path.stem

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
        """Record a write before it is sent."""
        self._count += 1
        write = Write(f"{self._prefix}-{self._count}", kind, actor, time.time(), owner, subject, key, value, sequence)
        self._append({name: item for name, item in write.__dict__.items() if item is not None})
        return write

    def settle(
        self, write: Write, state: State, request_id: str | None, subject: str | None = None, result: str | None = None
    ) -> None:
        """Record what became of it; `result` is what the answer gave back, for a submit the score."""
        line = {"id": write.id, "state": state, "answered_at": time.time(), "request_id": request_id}
        if subject is not None:
            line["subject"] = subject
        if result is not None:
            line["result"] = result
        self._append(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def read_ledger(path: Path) -> list[Write]:
    """Every write of the file in the order of sending; an intent without a fate becomes `unknown`.

    Raises ValueError, naming file and line, for damage anywhere but in the last line, which a crash may cut.
    """
    writes: dict[str, Write] = {}
    for number, line in _lines(path):
        try:
            known = writes.get(line["id"])
            writes[line["id"]] = Write(**line) if known is None else replace(known, **line)
        except (TypeError, KeyError):
            raise ValueError(f"{path}: line {number} is damaged") from None
    return [replace(write, state="unknown") if write.state == "intent" else write for write in writes.values()]


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            yield number, json.loads(line)
        except ValueError:
            if number == len(lines):
                return  # cut by a crash: the write was not on disk, so it was not sent or has no known fate
            raise ValueError(f"{path}: line {number} is damaged") from None


def count(writes: list[Write]) -> WriteCounts:
    """How the writes ended."""
    ended = {state: sum(write.state == state for write in writes) for state in ("acknowledged", "refused", "unknown")}
    return WriteCounts(attempted=len(writes), **ended)
