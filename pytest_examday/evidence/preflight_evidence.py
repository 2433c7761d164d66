"""The evidence of the preflight: which parts of the platform answered before anything was done."""

from pydantic import Field

from pytest_examday.evidence.quantities import Seconds
from pytest_examday.record import Record

_SKEWED_SECONDS = 1.0
"""Log lines are searched in spans of time with one second added; a clock that is further off would hide them."""


class PreflightEvidence(Record):
    """Which parts of the platform answered before anything was done.

    `healed` has one line for each fault that an earlier run had left in. `clock_skew` gives, for each worker, the
    seconds by which its clock is ahead of this machine's; None if unknown."""

    api_url: str
    ready: dict[str, str | None]
    database: str
    cache: str
    runtime: str
    services: tuple[str, ...]
    reached_seconds: Seconds
    healed: tuple[str, ...] = ()
    clock_skew: dict[str, float | None] = Field({})

    @property
    def skewed(self) -> dict[str, float]:
        """The workers whose clocks are so far off that lines of their logs would be missed, with the skew in
        seconds."""
        known = {name: skew for name, skew in self.clock_skew.items() if skew is not None}
        return {name: skew for name, skew in known.items() if abs(skew) > _SKEWED_SECONDS}
