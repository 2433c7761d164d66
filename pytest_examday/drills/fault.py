"""A fault, the journal that knows of it before it is put in, and its certain end."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.site import Site


@dataclass(frozen=True)
class Fault:
    """Something done to one service and its undoing; `remove` may be called twice, `remains` says what is still
    wrong, None where the fault is shown to be gone."""

    name: str
    target: str
    inject: Callable[[], None]
    remove: Callable[[], None]
    remains: Callable[[], str | None]


class Journal:
    """`faults.jsonl` of the run directory: every fault with its lease before it is put in, and its end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, event: str, fault: Fault, **details: object) -> None:
        """Append one line, on disk when this returns."""
        line = json.dumps({"t": time.time(), "event": event, "fault": fault.name, "target": fault.target, **details})
        with self._path.open("a", encoding="utf-8") as journal:
            journal.write(line + "\n")


@dataclass
class Held:
    """A fault while it is in, and afterwards; times are seconds since the epoch."""

    injected: float = 0.0
    removed: float = 0.0
    removed_fully: float = 0.0
    remains: str | None = "the fault was never taken out"


@contextmanager
def held(site: Site, fault: Fault, lease_seconds: float) -> Iterator[Held]:
    """Put the fault in; it is taken out when the block ends, however it ends."""
    journal = Journal(site.directory / "faults.jsonl")
    journal.note("intended", fault, lease_until=time.time() + lease_seconds)
    site.progress.say(f"fault in: {fault.name} ({fault.target})")
    state = Held(injected=time.time())
    try:
        fault.inject()
        journal.note("in", fault)
        yield state
    finally:
        state.removed = time.time()
        failed = _failure_of(fault.remove)
        state.removed_fully = time.time()
        state.remains = _what_remains(fault, failed)
        journal.note("out" if state.remains is None else "remains", fault, remains=state.remains)
        site.progress.say(f"fault out: {fault.name} after {state.removed - state.injected:.1f} s")


def _failure_of(remove: Callable[[], None]) -> str | None:
    """A removal that fails must not end the drill: that the platform did not come back is what it has to tell."""
    try:
        remove()
    except Unmeasurable as reason:
        return str(reason)
    return None


def _what_remains(fault: Fault, failed: str | None) -> str | None:
    try:
        remains = fault.remains()
    except Unmeasurable as reason:
        remains = f"nobody can tell whether {fault.target} is back: {reason}"
    return "; ".join(filter(None, (remains, failed))) or None


def service_down(site: Site, name: str, service: str, *, abruptly: bool) -> Fault:
    """One service stopped (or killed) and started again."""
    runtime = site.runtime
    return Fault(
        name=name,
        target=service,
        inject=lambda: runtime.kill(service) if abruptly else runtime.stop(service),
        remove=lambda: runtime.start(service),
        remains=lambda: None if runtime.running(service) else f"{service} is not running",
    )
