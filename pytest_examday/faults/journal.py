"""The journal of faults. A fault is written to it with its undo before it is put in, and is open until its end is
written.

One line is one event; it is appended and synced to disk. A crash can cut the last line short. A fault goes in only
after its line is whole, so a cut line never hides a fault. A whole line that cannot be read may hide one, so it is
reported and kept."""

import json
import os
import shlex
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.undo import Lasts, Undo
from pytest_examday.named_files import read_file
from pytest_examday.record import Record
from pytest_examday.safety.owner import Owner

JOURNAL_FILE = "faults.jsonl"
DRILL = "drill"
"""The value of `FaultEvent.by` for the drill that put the fault in."""


EventName = Literal["in", "out", "remains"]


class IntendedFault(Record):
    """A fault before it is put in: all that a fresh process needs to take it out, and no secret."""

    event: Literal["intended"] = "intended"
    t: float
    """Seconds since the epoch."""
    id: str
    fault: str
    """What is done to the service, in words."""
    target: str
    """The service that the fault is put into."""
    undo: Undo
    lease_until: float
    """When the watchdog takes the fault out at the latest, in seconds since the epoch."""
    late_seconds: float
    """How long after `t` the fault may still come if its process dies while it puts the fault in: a graceful stop takes
    a while."""
    runtime_address: dict[str, JsonValue]
    """How another process reaches the runtime."""
    journal: str
    """The file that decides whether the fault is open."""
    owner: Owner
    """The process that puts the fault in."""
    platform_ends_with: Owner | None = None
    """The process whose end ends the platform; None if the platform outlives the run."""
    lasts: Lasts = "drill"
    """Until when the fault is in. What lasts for the whole run is a change that the configuration describes, so only a
    process with that configuration can undo it."""

    @property
    def by_hand(self) -> str:
        """What a person has to do if the fault cannot be taken out."""
        step = f"bring {self.target} back by hand"
        if self.undo.is_known:
            with suppress(Unmeasurable):  # malformed: the step above is all that can be said
                step = f"{self.undo.resolve().by_hand()} by hand"
        return f"{step}, then run: {self.heal_command}"

    @property
    def heal_command(self) -> str:
        """The command that heals this environment, quoted for a shell."""
        config = ("--examday-config", self.owner.config) if self.owner.config else ()
        return shlex.join(("python", "-m", "pytest_examday", "heal", "--env", self.owner.environment, *config))


class FaultEvent(Record):
    """An event of a fault: it went `in`, is `out` (shown to be gone), or `remains` (not shown to be gone)."""

    event: EventName
    t: float
    """Seconds since the epoch."""
    id: str
    """The `id` of the intended fault."""
    fault: str
    """What was done to the service, in words."""
    target: str
    """The service that the fault was put into."""
    by: str
    """Who put the fault in, or took it out."""
    remains: str | None = None
    """What is still wrong; None if nothing is known to be."""

    @classmethod
    def of(cls, fault: IntendedFault, event: EventName, by: str, remains: str | None = None) -> Self:
        """An event of this fault that happens now."""
        return cls(
            event=event, t=time.time(), id=fault.id, fault=fault.fault, target=fault.target, by=by, remains=remains
        )


Entry = IntendedFault | FaultEvent
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="event")])


@dataclass(frozen=True)
class JournalContent:
    """The content of a journal. `damaged` has one message for each line that cannot be read; `cut` says whether the
    last line was cut short."""

    entries: tuple[Entry, ...]
    damaged: tuple[str, ...]
    cut: bool

    @property
    def open_faults(self) -> tuple[IntendedFault, ...]:
        """The faults that are not shown to be gone, in the order in which they were put in.

        A fault with an event `in` after `out` is open again: a process that was stopped until its lease was over may
        have gone on."""
        last = {entry.id: entry.event for entry in self.entries if entry.event in ("in", "out")}
        faults = (entry for entry in self.entries if isinstance(entry, IntendedFault))
        return tuple(fault for fault in faults if last.get(fault.id) != "out")

    def ended_by(self, fault: str) -> str | None:
        """Who first showed that the fault of this id is gone; None if nobody has."""
        return next(
            (e.by for e in self.entries if isinstance(e, FaultEvent) and e.id == fault and e.event == "out"), None
        )

    def remains(self, fault: str) -> str | None:
        """What remains of the fault of this id, by its newest event; None if that event says nothing of it."""
        events = [entry for entry in self.entries if isinstance(entry, FaultEvent) and entry.id == fault]
        return events[-1].remains if events else None

    def intended(self, fault: str) -> "IntendedFault | None":
        """The fault with this id; None if the journal has no line of it, so that it was never put in."""
        return next((entry for entry in self.entries if isinstance(entry, IntendedFault) and entry.id == fault), None)

    def went_in(self, fault: str) -> bool:
        """Whether the journal says that the fault of this id was put in completely."""
        return any(entry.id == fault and entry.event in ("in", "out") for entry in self.entries)


class Journal:
    """The journal of one platform, and copies of it in run directories. Only the journal itself decides what is open.

    `clean` removes secrets from what is written.
    """

    def __init__(self, path: Path, copies: Iterable[Path] = (), clean: Callable[[str], str] = str) -> None:
        self.path = path
        self._paths = tuple(dict.fromkeys((path, *copies)))
        self._clean = clean

    def with_copies(self, copies: Iterable[Path]) -> "Journal":
        """The same journal with other copies."""
        return Journal(self.path, copies, self._clean)

    def note(self, entry: Entry) -> None:
        """Append one event; it is on disk when this returns. Raises Unmeasurable if it cannot be written."""
        line = self._clean(json.dumps(entry.model_dump(mode="json", exclude_none=True))) + "\n"
        try:
            for path in self._paths:
                _append(path, line.encode())
        except OSError as problem:
            raise Unmeasurable(f"the fault journal {self.path} cannot be written: {problem.strerror}") from None

    def read(self) -> JournalContent:
        """The content; empty if there is no file. Raises Unmeasurable if it cannot be read."""
        try:
            data = read_file(self.path)
        except FileNotFoundError:
            return JournalContent((), (), cut=False)
        except OSError as problem:
            raise Unmeasurable(f"the fault journal {self.path} cannot be read: {problem.strerror}") from None
        return self._parsed(data.split(b"\n"))

    def _parsed(self, lines: list[bytes]) -> JournalContent:
        entries: list[Entry] = []
        damaged: list[str] = []
        cut = False
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entries.append(_ENTRY.validate_json(line))
            except ValidationError:
                if number == len(lines):
                    cut = True
                else:
                    damaged.append(
                        f"{self.path}, line {number}: damaged; it may have named a fault, which cannot be known"
                    )
        return JournalContent(tuple(entries), tuple(damaged), cut)

    def drop_cut_line(self) -> None:
        """Remove a last line that a crash cut short, so that the next line does not complete it to a damaged one."""
        data = self.path.read_bytes()
        os.truncate(self.path, data.rfind(b"\n") + 1)

    def forget_if_closed(self) -> None:
        """Remove the file if nothing in it is open or damaged, so that it does not grow from run to run."""
        content = self.read()
        if not content.open_faults and not content.damaged:
            self.path.unlink(missing_ok=True)


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line  # a line that a crash cut short stays a line of its own
        if os.write(descriptor, line) != len(line):
            raise OSError(28, "no space left for the whole line")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
