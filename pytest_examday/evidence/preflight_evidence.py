"""What answered before anything was done."""

from pydantic import Field

from pytest_examday.record import Record

_SKEWED_SECONDS = 1.0
"""Log lines are looked for in spans of time with a second's grace; beyond it they would be missed."""


class PreflightEvidence(Record):
    """What answered before anything was done; `healed` tells of faults that earlier runs had left in.

    `clock_skew` are the seconds by which a service's clock is ahead of ours, None where nobody can tell.
    """

    api_url: str
    ready: dict[str, str | None]
    database: str
    cache: str
    runtime: str
    services: tuple[str, ...]
    reached_seconds: float
    healed: tuple[str, ...] = ()
    clock_skew: dict[str, float | None] = Field({})

    @property
    def skewed(self) -> dict[str, float]:
        """The services whose clock is so far off that lines of their log would be missed."""
        told = {name: skew for name, skew in self.clock_skew.items() if skew is not None}
        return {name: skew for name, skew in told.items() if abs(skew) > _SKEWED_SECONDS}
