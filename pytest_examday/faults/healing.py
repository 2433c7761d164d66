"""Taking out faults that others left: by the watchdog, by the next run's first act, by hand."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.coordinates import platform_is_over
from pytest_examday.faults.journal import (
    Happened,
    Intended,
    Journal,
    Reading,
)
from pytest_examday.faults.undo import Action
from pytest_examday.runtimes.base import Runtime

_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 5.0
_WAIT_FOR_OTHERS_SECONDS = 90.0

OpenRuntime = Callable[[], Runtime]


@dataclass(frozen=True)
class Healed:
    """What became of one open fault: `remains` is None where it is shown to be gone, `how` says how that is known."""

    fault: Intended
    remains: str | None
    how: str

    def __str__(self) -> str:
        what = f"{self.fault.fault} ({self.fault.target}), put in by {self.fault.owner}"
        if self.remains is None:
            return f"{what}: {self.how}"
        return f"{what}: CANNOT BE SHOWN TO BE GONE: {self.remains}; {self.fault.by_hand}"


@contextmanager
def alone(journal: Journal) -> Iterator[None]:
    """Let nobody else heal this environment meanwhile. Raises Unmeasurable where somebody does and does not end."""
    lock = FileLock(journal.path.with_name(".healing.lock"))
    try:
        journal.path.parent.mkdir(parents=True, exist_ok=True)
        with lock.acquire(timeout=_WAIT_FOR_OTHERS_SECONDS):
            yield
    except Timeout:
        raise Unmeasurable(f"somebody else is still taking out faults ({lock.lock_file} is locked)") from None


def heal(journal: Journal, fault: Intended, open_runtime: OpenRuntime, by: str) -> Healed:
    """Take the fault out and show that it is gone, unless somebody did before.

    To be called `alone`. What cannot be shown stays open in the journal.
    """
    written = _written(journal)
    before = written.ended_by(fault.id)
    if before is not None and all(one.id != fault.id for one in written.open):
        return Healed(fault, None, f"already taken out by {before}")
    remains, how = _attempt(journal, fault, open_runtime)
    if remains is None or remains != written.remains(fault.id):
        journal.with_copies(copy_of(fault)).note(_happened(fault, by, remains))
    return Healed(fault, remains, how)


def heal_patiently(
    journal: Journal, fault: Intended, open_runtime: OpenRuntime, by: str, patience_seconds: float
) -> Healed:
    """Go on healing one fault until it is gone or `patience_seconds` have passed; others may try in between."""
    deadline = time.monotonic() + patience_seconds
    pause = _PAUSE_SECONDS
    while True:
        with alone(journal):
            healed = heal(journal, fault, open_runtime, by)
        if healed.remains is None or time.monotonic() >= deadline:
            return healed
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _happened(fault: Intended, by: str, remains: str | None) -> Happened:
    return Happened(
        event="out" if remains is None else "remains",
        t=time.time(),
        id=fault.id,
        fault=fault.fault,
        target=fault.target,
        by=by,
        remains=remains,
    )


def _attempt(journal: Journal, fault: Intended, open_runtime: OpenRuntime) -> tuple[str | None, str]:
    """What remains of it after one undoing, and how that is known."""
    if platform_is_over(fault.coordinates):
        return None, "ended with the embedded platform, which is not running any more"
    try:
        action = fault.undo.resolve()
        runtime = open_runtime()
        was = _wrong(action, runtime)
        action.carry_out(runtime)
        remains = action.remains(runtime)
        while remains is None and not _written(journal).went_in(fault.id) and _under_way(fault):
            time.sleep(_PAUSE_SECONDS)
            action.carry_out(runtime)
            remains = action.remains(runtime)
    except Unmeasurable as reason:
        return str(reason), ""
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo: whoever heals must live to try again
        return f"{type(problem).__name__} in the runtime or the undo", ""
    return remains, f"taken out, {fault.target} is back" if was else f"was not in (any more), {fault.target} is well"


def _written(journal: Journal) -> Reading:
    """What the journal says; a journal that cannot be read keeps nobody from undoing what is known."""
    try:
        return journal.read()
    except Unmeasurable:
        return Reading((), (), cut=False)


def _wrong(action: Action, runtime: Runtime) -> str | None:
    """What is wrong before anything is done, only to be told; a state that cannot be read keeps nobody from undoing."""
    try:
        return action.remains(runtime)
    except Unmeasurable as reason:
        return str(reason)


def _under_way(fault: Intended) -> bool:
    """Whether a fault whose process died while it put it in may still come."""
    return 0 <= time.time() - fault.t < fault.late_seconds


@dataclass(frozen=True)
class Told:
    """What healing a journal came to: one line for people each, those of them that tell of what is still `left`, and of
    these the `unreadable` ones, which may tell of nothing."""

    lines: tuple[str, ...]
    left: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


def heal_all(
    journal: Journal, open_runtime: Callable[[Intended], Runtime], by: str, but: frozenset[str] = frozenset()
) -> Told:
    """Take out every open fault of a journal, the newest first, and tell of what cannot be read there.

    To be called `alone`. Faults whose ids are in `but` are left to others.
    """
    reading = journal.read()
    lines: list[str] = []
    if reading.cut:
        journal.drop_cut_line()
        lines.append(
            f"{journal.path}: its last line was cut short by a crash; no fault goes in before its line is whole"
        )
    done = [
        heal(journal, fault, partial(open_runtime, fault), by)
        for fault in reversed(reading.open)
        if fault.id not in but
    ]
    unreadable = tuple(f"{line}; look at the platform, then remove the file" for line in reading.damaged)
    left = [str(healed) for healed in done if healed.remains is not None]
    return Told((*lines, *map(str, done), *unreadable), (*left, *unreadable), unreadable)


def copy_of(fault: Intended) -> tuple[Path, ...]:
    """The run directory's own copy of the journal, as long as the run's manifest has not sealed it."""
    if fault.owner.directory is None:
        return ()
    directory = Path(fault.owner.directory)
    sealed = not directory.is_dir() or (directory / "manifest.json").exists()
    return () if sealed else (directory / Path(fault.journal).name,)
