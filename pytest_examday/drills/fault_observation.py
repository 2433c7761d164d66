"""Looks at a fault while it is in, about once a second: the undo reads it back, and senses feel it.

Each look runs in a thread, because one may hang for as long as the fault is in.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import READ_BACK, FaultReading
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.sense import Felt
from pytest_examday.runtimes.base import Runtime

_EVERY_SECONDS = 1.0
_LONGEST_FIRST_LOOK_SECONDS = 5.0
"""How long a hold is prolonged for a first look that has not ended and whose silence shows nothing."""


@dataclass(frozen=True)
class FaultObserver:
    """One way to look at a fault. `silence_seconds` is that of its sense."""

    name: str
    look: Callable[[], Felt]
    silence_seconds: Callable[[], float | None]


def observers_of(fault: Fault, runtime: Runtime) -> tuple[FaultObserver, ...]:
    """All ways to look at the fault. A fault that is over as soon as it is made is not read back."""
    felt = tuple(
        FaultObserver(sense.name, sense.feel, lambda sense=sense: sense.silence_seconds)  # type: ignore[misc] # mypy does not know the default
        for sense in fault.senses
    )
    if fault.over_at_once:
        return felt
    return (FaultObserver(READ_BACK, lambda: _read_back(fault, runtime), lambda: None), *felt)


def _read_back(fault: Fault, runtime: Runtime) -> Felt:
    remains = fault.undo.resolve().remains(runtime)
    return Felt(remains is not None, remains or f"{fault.service} was back")


@dataclass
class _Way:
    """One way to look, with the look that is under way and all readings so far."""

    way: FaultObserver
    future: Future[Felt] | None = None
    began: float = 0.0
    readings: list[FaultReading] = field(default_factory=list)


class FaultObservation:
    """Watches one fault in one hold. Times are of `time.monotonic`."""

    def __init__(self, looks: tuple[FaultObserver, ...], pool: ThreadPoolExecutor, went_in: float) -> None:
        self._ways = [_Way(look) for look in looks]
        self._pool = pool
        self._went_in = went_in

    def look(self) -> None:
        """Note what has been seen since the last call, and begin the looks that are due."""
        now = time.monotonic()
        for way in self._ways:
            if way.future is not None and way.future.done():
                self._note(way, _result(way.future), now)
                way.future = None
            if way.future is None and (not way.readings or now >= way.began + _EVERY_SECONDS):
                way.future, way.began = self._pool.submit(way.way.look), now

    @property
    def looked(self) -> bool:
        """Whether every way has shown something, or was without a reply for so long that no hold waits for it."""
        return all(way.readings or self._silent(way, _LONGEST_FIRST_LOOK_SECONDS) for way in self._ways)

    @property
    def gone(self) -> str | None:
        """What was read back if the fault had gone by itself; None while it is in."""
        for way in self._ways:
            for reading in way.readings:
                if reading.by == READ_BACK and reading.there is False:
                    return f"{reading.detail} {reading.seconds:.1f} s after the fault went in"
        return None

    def readings(self) -> tuple[FaultReading, ...]:
        """All readings in their order. A look that is still without a reply counts as felt if its silence shows the
        fault, and otherwise shows nothing."""
        now = time.monotonic()
        for way in self._ways:
            if way.future is not None and not way.future.done() and self._silent(way, _LONGEST_FIRST_LOOK_SECONDS):
                shows = True if way.way.silence_seconds() is not None else None
                self._note(way, Felt(shows, f"no reply for {now - way.began:.1f} s"), now)
                way.future = None
        every = (reading for way in self._ways for reading in way.readings)
        return tuple(sorted(every, key=lambda reading: reading.seconds))

    def _silent(self, way: _Way, otherwise: float) -> bool:
        """Whether a look has been without a reply for so long that this shows the fault; if silence shows nothing, for
        `otherwise` seconds."""
        if way.future is None:
            return False
        shows = way.way.silence_seconds()
        return time.monotonic() - way.began >= (otherwise if shows is None else shows)

    def _note(self, way: _Way, felt: Felt, now: float) -> None:
        seconds = max(0.0, round(now - self._went_in, 3))
        way.readings.append(FaultReading(by=way.way.name, seconds=seconds, there=felt.there, detail=felt.seen))


def _result(future: Future[Felt]) -> Felt:
    """What a look showed; a look that could not be made shows nothing."""
    try:
        return future.result()
    except Unmeasurable as reason:
        return Felt(None, str(reason))
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or of a user's undo
        return Felt(None, f"{type(problem).__name__} in the runtime or the undo")
