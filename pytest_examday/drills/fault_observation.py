"""Observes a fault while it is in, about once a second: by its undo, which reads it back, and by its senses.

Each observation runs in a thread, because it may hang for as long as the fault is in.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import READ_BACK, FaultReading
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.sense import Observation
from pytest_examday.faults.undo import crash_of_undo
from pytest_examday.runtimes.base import Runtime

_PAUSE_SECONDS = 1.0
"""The least time between the beginnings of two observations by the same observer."""
_LONGEST_FIRST_OBSERVATION_SECONDS = 5.0
"""How long a drill waits for a first observation that has not ended, if a missing reply shows nothing."""


@dataclass(frozen=True)
class FaultObserver:
    """One way to observe a fault."""

    name: str
    """The value of `FaultReading.observer`."""
    observe: Callable[[], Observation]
    silence_seconds: Callable[[], float | None]
    """See `Sense.silence_seconds`."""


def observers_of(fault: Fault, runtime: Runtime) -> tuple[FaultObserver, ...]:
    """All ways to observe the fault. A fault that is over as soon as it is made is not read back."""
    by_senses = tuple(
        FaultObserver(sense.name, sense.observe, lambda sense=sense: sense.silence_seconds)  # type: ignore[misc] # mypy does not know the default
        for sense in fault.senses
    )
    if fault.over_at_once:
        return by_senses
    return (FaultObserver(READ_BACK, lambda: _read_back(fault, runtime), lambda: None), *by_senses)


def _read_back(fault: Fault, runtime: Runtime) -> Observation:
    remains = fault.undo.resolve().remains(runtime)
    return Observation(remains is not None, remains or f"{fault.service} was back")


@dataclass
class _ObserverState:
    """An observer, its observation that is under way, and its readings so far."""

    observer: FaultObserver
    under_way: Future[Observation] | None = None
    began: float = 0.0
    readings: list[FaultReading] = field(default_factory=list)


class FaultObservation:
    """Observes one fault while it is in. Times are of `time.monotonic`."""

    def __init__(self, observers: tuple[FaultObserver, ...], pool: ThreadPoolExecutor, went_in: float) -> None:
        self._states = [_ObserverState(observer) for observer in observers]
        self._pool = pool
        self._went_in = went_in

    def update(self) -> None:
        """Note the observations that have ended since the last call, and begin those that are due."""
        now = time.monotonic()
        for state in self._states:
            if state.under_way is not None and state.under_way.done():
                self._note(state, _result(state.under_way), now)
                state.under_way = None
            if state.under_way is None and (not state.readings or now >= state.began + _PAUSE_SECONDS):
                state.under_way, state.began = self._pool.submit(state.observer.observe), now

    @property
    def complete(self) -> bool:
        """Whether each observer has a reading, or has had no reply for so long that the drill does not wait for it."""
        return all(state.readings or self._has_no_reply(state) for state in self._states)

    @property
    def gone_by_itself(self) -> str | None:
        """What was read back if the fault had gone by itself; None while it is in."""
        for state in self._states:
            for reading in state.readings:
                if reading.observer == READ_BACK and reading.present is False:
                    return f"{reading.detail} {reading.seconds:.1f} s after the fault went in"
        return None

    def readings(self) -> tuple[FaultReading, ...]:
        """All readings in their order. An observation that still has no reply shows that the fault is present if a
        missing reply shows that, and otherwise shows nothing."""
        now = time.monotonic()
        for state in self._states:
            if state.under_way is not None and not state.under_way.done() and self._has_no_reply(state):
                present = True if state.observer.silence_seconds() is not None else None
                self._note(state, Observation(present, f"no reply for {now - state.began:.1f} s"), now)
                state.under_way = None
        every = (reading for state in self._states for reading in state.readings)
        return tuple(sorted(every, key=lambda reading: reading.seconds))

    def _has_no_reply(self, state: _ObserverState) -> bool:
        """Whether an observation has had no reply for the `silence_seconds` of its observer; if a missing reply shows
        nothing, for the longest time that a drill waits for it."""
        if state.under_way is None:
            return False
        silence_seconds = state.observer.silence_seconds()
        limit = _LONGEST_FIRST_OBSERVATION_SECONDS if silence_seconds is None else silence_seconds
        return time.monotonic() - state.began >= limit

    def _note(self, state: _ObserverState, observation: Observation, now: float) -> None:
        state.readings.append(
            FaultReading(
                observer=state.observer.name,
                seconds=max(0.0, round(now - self._went_in, 3)),
                present=observation.present,
                detail=observation.detail,
            )
        )


def _result(ended: Future[Observation]) -> Observation:
    """What an observation showed; one that failed shows nothing."""
    try:
        return ended.result()
    except Unmeasurable as reason:
        return Observation(None, str(reason))
    except Exception as problem:  # noqa: BLE001 # a mistake of a runtime or of a user's undo
        return Observation(None, crash_of_undo(problem))
