"""Senses: each shows at one address of the platform whether the effect of a fault can be observed there."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

_ASKED_BEFORE = 3


class Felt(NamedTuple):
    """What one look showed: whether the fault shows there (None if nobody can tell), and what was seen."""

    there: bool | None
    seen: str


class Sense(Protocol):
    """One address at which a fault shows.

    `name` names the address in messages. `silence_seconds`: a look that has had no reply for so long has felt the
    fault; None if silence shows nothing.
    """

    @property
    def name(self) -> str:
        """The address in words."""

    @property
    def silence_seconds(self) -> float | None:
        """How long a reply may be missing before that shows the fault."""

    def prepare(self) -> None:
        """Look before the fault goes in, so that a difference can be told."""

    def feel(self) -> Felt:
        """Look while the fault is in."""


Ask = Callable[[], tuple[bool, str]]
"""Asks once: whether there was a good reply, and the reply or the reason in words."""


@dataclass
class Silence:
    """Something that has to be out of reach while the fault is in."""

    name: str
    ask: Ask
    silence_seconds: float | None = 1.0
    _before: tuple[bool, str] = field(default=(False, "it was not asked before the fault"), init=False)

    def prepare(self) -> None:
        """Ask once: something that is already out of reach cannot show the fault."""
        self._before = self.ask()

    def feel(self) -> Felt:
        """Ask once; a good reply means that the fault does not show."""
        good, before = self._before
        if not good:
            return Felt(None, f"out of reach before the fault already: {before}")
        replied, reply = self.ask()
        return Felt(not replied, f"still replied: {reply}" if replied else reply)


@dataclass
class Lateness:
    """Something that has to reply later while the fault is in, by half of the delay at least."""

    name: str
    ask: Ask
    delay_ms: int
    _before_ms: float | None = field(default=None, init=False)

    @property
    def silence_seconds(self) -> float | None:
        """A reply that is missing for longer than the time before the fault and half of the delay is late."""
        return None if self._before_ms is None else (self._before_ms + self.delay_ms / 2) / 1000

    def prepare(self) -> None:
        """The shortest of several times before the fault."""
        times = [timed for timed, good in (self._timed() for _ in range(_ASKED_BEFORE)) if good]
        self._before_ms = min(times, default=None)

    def feel(self) -> Felt:
        """Time one reply. None if nothing replied before the fault."""
        if self._before_ms is None:
            return Felt(None, "no reply before the fault")
        took, _ = self._timed()
        detail = f"took {took:.0f} ms, before the fault {self._before_ms:.0f} ms, delayed by {self.delay_ms} ms"
        return Felt(took - self._before_ms >= self.delay_ms / 2, detail)

    def _timed(self) -> tuple[float, bool]:
        began = time.monotonic()
        good, _ = self.ask()
        return (time.monotonic() - began) * 1000, good
