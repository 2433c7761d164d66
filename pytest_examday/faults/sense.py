"""Senses: each observes at one address of the platform whether a fault has an effect there."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

_REPLIES_BEFORE = 3


class Observation(NamedTuple):
    """What one observation of a fault showed."""

    present: bool | None
    """Whether the fault was present; None if that could not be observed."""
    detail: str
    """What was observed, in words."""


class Sense(Protocol):
    """One address at which the effect of a fault can be observed."""

    @property
    def name(self) -> str:
        """The address in words, for messages."""

    @property
    def silence_seconds(self) -> float | None:
        """An observation that has had no reply for so long shows that the fault is present; None if a missing reply
        shows nothing."""

    def prepare(self) -> None:
        """Observe the platform before the fault goes in. `observe` compares with that."""

    def observe(self) -> Observation:
        """Observe the platform while the fault is in."""


Ask = Callable[[], tuple[bool, str]]
"""Sends one request. Returns whether there was a good reply, and the reply or the reason in words."""


@dataclass
class SilenceSense:
    """Observes something that has to be out of reach while the fault is in."""

    name: str
    ask: Ask
    silence_seconds: float | None = 1.0
    _before: tuple[bool, str] = field(default=(False, "it was not asked before the fault"), init=False)

    def prepare(self) -> None:
        """Ask once: something that is already out of reach cannot show the fault."""
        self._before = self.ask()

    def observe(self) -> Observation:
        """Ask once; a good reply means that the fault does not show."""
        good, before = self._before
        if not good:
            return Observation(None, f"out of reach before the fault already: {before}")
        replied, reply = self.ask()
        return Observation(not replied, f"still replied: {reply}" if replied else reply)


@dataclass
class DelaySense:
    """Observes something that has to reply later while the fault is in, by at least half of the delay."""

    name: str
    ask: Ask
    delay_ms: int
    _before_ms: float | None = field(default=None, init=False)

    @property
    def silence_seconds(self) -> float | None:
        """The reply time before the fault, plus half of the delay."""
        return None if self._before_ms is None else (self._before_ms + self.delay_ms / 2) / 1000

    def prepare(self) -> None:
        """Measure the shortest of several reply times before the fault."""
        times = [timed for timed, good in (self._timed() for _ in range(_REPLIES_BEFORE)) if good]
        self._before_ms = min(times, default=None)

    def observe(self) -> Observation:
        """Measure one reply time. It shows nothing if there was no reply before the fault."""
        if self._before_ms is None:
            return Observation(None, "no reply before the fault")
        took_ms, _ = self._timed()
        detail = f"took {took_ms:.0f} ms, before the fault {self._before_ms:.0f} ms, delayed by {self.delay_ms} ms"
        return Observation(took_ms - self._before_ms >= self.delay_ms / 2, detail)

    def _timed(self) -> tuple[float, bool]:
        began = time.monotonic()
        good, _ = self.ask()
        return (time.monotonic() - began) * 1000, good
