"""Healing: takes out faults that an ended process has left in. The watchdog, the next run and the command `heal` use
it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.journal import (
    FaultEvent,
    IntendedFault,
    Journal,
    JournalContent,
)
from pytest_examday.faults.runtime_address import platform_has_ended
from pytest_examday.faults.undo import Action, crash_of_undo
from pytest_examday.named_files import is_folder
from pytest_examday.runtimes.base import Runtime

_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 5.0
_WAIT_FOR_OTHERS_SECONDS = 90.0

OpenRuntime = Callable[[], Runtime]


@dataclass(frozen=True)
class Healed:
    """The result of healing one fault. `remains` says what is still wrong, None if the fault is shown to be gone; `how`
    says how that is known."""

    fault: IntendedFault
    remains: str | None
    how: str

    def __str__(self) -> str:
        fault, state = self.fault, "GONE"
        name = f"{fault.fault} ({fault.target}), put in by {fault.owner}"
        if fault.lasts == "run":
            name, state = f"{fault.fault} by {fault.owner}", "UNDONE"
        if self.remains is None:
            return f"{name}: {self.how}"
        return f"{name}: CANNOT BE SHOWN TO BE {state}: {self.remains}; {fault.by_hand}"


@contextmanager
def healing_lock(journal: Journal) -> Iterator[None]:
    """Keep other processes from healing this platform while the block runs. Raises Unmeasurable if another one heals it
    and has not ended after 90 s."""
    lock = FileLock(journal.path.with_name(".healing.lock"))
    try:
        journal.path.parent.mkdir(parents=True, exist_ok=True)
        with lock.acquire(timeout=_WAIT_FOR_OTHERS_SECONDS):
            yield
    except Timeout:
        raise Unmeasurable(f"somebody else is still taking out faults ({lock.lock_file} is locked)") from None


def heal(
    journal: Journal, fault: IntendedFault, open_runtime: OpenRuntime, by: str, within: Path | None = None
) -> Healed:
    """Take the fault out and show that it is gone, unless another process has done so already.

    `within` is the folder from which a user's undo may be imported (`Undo.resolve`). To be called inside
    `healing_lock`. A fault that cannot be shown to be gone stays open in the journal.
    """
    content = _content_of(journal)
    ended_by = content.ended_by(fault.id)
    if ended_by is not None and all(still_open.id != fault.id for still_open in content.open_faults):
        return Healed(fault, None, f"already taken out by {ended_by}")
    remains, how = _attempt(journal, fault, open_runtime, within)
    if remains is None or remains != content.remains(fault.id):
        journal.with_copies(copy_of(fault)).note(
            FaultEvent.of(fault, "out" if remains is None else "remains", by, remains)
        )
    return Healed(fault, remains, how)


def heal_patiently(
    journal: Journal, fault: IntendedFault, open_runtime: OpenRuntime, by: str, patience_seconds: float
) -> Healed:
    """Heal one fault again and again until it is gone or `patience_seconds` have passed; other processes may try
    between two attempts."""
    deadline = time.monotonic() + patience_seconds
    pause = _PAUSE_SECONDS
    while True:
        with healing_lock(journal):
            healed = heal(journal, fault, open_runtime, by)
        if healed.remains is None or time.monotonic() >= deadline:
            return healed
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _attempt(
    journal: Journal, fault: IntendedFault, open_runtime: OpenRuntime, within: Path | None
) -> tuple[str | None, str]:
    """What remains of the fault after its undo, None if nothing; and how that is known."""
    if platform_has_ended(fault.runtime_address):
        return None, "ended with the embedded platform, which is not running any more"
    try:
        action = fault.undo.resolve(within)
        runtime = open_runtime()
        wrong_before = _what_is_wrong(action, runtime)
        action.carry_out(runtime)
        remains = action.remains(runtime)
        while remains is None and not _content_of(journal).went_in(fault.id) and _under_way(fault):
            time.sleep(_PAUSE_SECONDS)
            action.carry_out(runtime)
            remains = action.remains(runtime)
    except Unmeasurable as reason:
        return str(reason), ""
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or a user's undo must not end the process that heals
        return crash_of_undo(problem), ""
    if fault.lasts == "run":
        return remains, "undone" if wrong_before else "was undone already"
    if wrong_before:
        return remains, f"taken out, {fault.target} is back"
    return remains, f"was not in place any more; {fault.target} is running"


def _content_of(journal: Journal) -> JournalContent:
    """The content of the journal; nothing if it cannot be read, because a known fault can be undone all the same."""
    try:
        return journal.read()
    except Unmeasurable:
        return JournalContent((), (), cut=False)


def _what_is_wrong(action: Action, runtime: Runtime) -> str | None:
    """What is wrong before the undo, for the message alone; if it cannot be read, the reason."""
    try:
        return action.remains(runtime)
    except Unmeasurable as reason:
        return str(reason)


def _under_way(fault: IntendedFault) -> bool:
    """Whether a fault may still come whose process died while it put the fault in."""
    return 0 <= time.time() - fault.t < fault.late_seconds


@dataclass(frozen=True)
class HealReport:
    """The messages after healing a journal.

    `lines` are all of them. `left` are those that name a fault that may still be in. `unreadable` are those of `left`
    that name a damaged line of the journal: nobody knows whether it stands for a fault.
    """

    lines: tuple[str, ...]
    left: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


def heal_all(
    journal: Journal,
    open_runtime: Callable[[IntendedFault], Runtime],
    by: str,
    within: Path,
    except_ids: frozenset[str] = frozenset(),
) -> HealReport:
    """Take out every open fault of a journal, the newest first, and report lines that cannot be read.

    `within` is the folder of the present configuration: users' undos are imported from nowhere else. To be called
    inside `healing_lock`. Faults whose ids are in `except_ids` are left as they are.
    """
    content = journal.read()
    lines: list[str] = []
    if content.cut:
        journal.drop_cut_line()
        lines.append(
            f"{journal.path}: its last line was cut short by a crash; no fault goes in before its line is whole"
        )
    results = [
        heal(journal, fault, partial(open_runtime, fault), by, within)
        for fault in reversed(content.open_faults)
        if fault.id not in except_ids
    ]
    unreadable = tuple(f"{line}; look at the platform, then remove the file" for line in content.damaged)
    remaining = [str(healed) for healed in results if healed.remains is not None]
    return HealReport((*lines, *map(str, results), *unreadable), (*remaining, *unreadable), unreadable)


def copy_of(fault: IntendedFault) -> tuple[Path, ...]:
    """The path of the journal's copy in the run directory of the fault's run; nothing once the manifest has sealed that
    directory, or if there is none."""
    if fault.owner.directory is None:
        return ()
    directory = Path(fault.owner.directory)
    sealed = not is_folder(directory) or (directory / "manifest.json").exists()
    return () if sealed else (directory / Path(fault.journal).name,)
