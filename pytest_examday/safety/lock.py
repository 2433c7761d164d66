"""One rehearsal at a time on one platform: a lock file that names its owner."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from filelock import FileLock
from pydantic import ValidationError

from pytest_examday.errors import UsageProblem
from pytest_examday.safety.owner import Owner
from pytest_examday.safety.state_directory import VARIABLE

LOCK_FILE = "rehearsal.lock"


class Lock:
    """A lock that this run holds. `note` says from which dead owner it was taken over; None if there was none."""

    def __init__(self, path: Path, owner: Owner, note: str | None) -> None:
        self.path = path
        self.note = note
        self._owner = owner

    @classmethod
    def take(cls, folder: Path, owner: Owner) -> Self:
        """Take the lock in the state directory `folder`. Raises UsageProblem, naming the owner, if another rehearsal
        may be under way."""
        path = folder / LOCK_FILE
        with _exclusive(folder):
            before = _holder(path)
            if before is not None:
                _refuse_if_held(path, before)
            path.write_text(owner.to_json(), encoding="utf-8")
        note = None if before is None else f"took over the lock of a rehearsal that is dead ({before})"
        return cls(path, owner, note)

    def note_directory(self, directory: Path) -> None:
        """Write the run directory into the lock; it is made only after the lock is held."""
        self._owner = self._owner.model_copy(update={"directory": str(directory)})
        with _exclusive(self.path.parent):
            self.path.write_text(self._owner.to_json(), encoding="utf-8")

    def release(self) -> None:
        """Remove the lock file, unless another run owns it."""
        with _exclusive(self.path.parent):
            if _pid_of(self.path) == (self._owner.host, self._owner.pid):
                self.path.unlink()


def holder(folder: Path) -> Owner | None:
    """The owner of the lock whose process runs on this host; None if there is none."""
    try:
        owner = _holder(folder / LOCK_FILE)
    except UsageProblem:
        return None
    return owner if owner is not None and owner.here and owner.alive else None


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """Hold the operating system's lock while the lock file is read and written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".rehearsal.guard"):
            yield
    except OSError as problem:
        raise UsageProblem(
            f"{folder}: cannot hold the lock and the fault journal of this platform: {problem.strerror}; "
            f"set {VARIABLE} to a folder that can be written"
        ) from None


def _holder(path: Path) -> Owner | None:
    try:
        return Owner.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise UsageProblem(
            f"{path}: damaged, so nobody can tell whether a rehearsal is under way; {_remove(path)}"
        ) from None


def _pid_of(path: Path) -> tuple[str, int] | None:
    try:
        values = json.loads(path.read_bytes())
        return str(values["host"]), int(values["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _refuse_if_held(path: Path, owner: Owner) -> None:
    directory = f", run directory {owner.directory}" if owner.directory else ""
    if not owner.here:
        raise UsageProblem(
            f"a rehearsal of this platform is under way on another host: {owner}{directory}; it cannot be seen "
            f"from here whether it still runs; {_remove(path)}"
        )
    if owner.alive:
        raise UsageProblem(f"a rehearsal of this platform is under way: {owner}{directory}; wait for its end or end it")


def _remove(path: Path) -> str:
    return f"if it is over, remove {path}"
