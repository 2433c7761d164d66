"""The limits by which a rehearsal is judged."""

from typing import Literal

from pydantic import Field

from pytest_examday.record import Record

_Stricter = Literal["lower", "higher"]
_STRICTER: dict[str, _Stricter] = {
    "p95_ms": "lower",
    "error_rate": "lower",
    "refused_share": "lower",
    "pool_usage": "lower",
    "memory_growth": "lower",
    "recovery_seconds": "lower",
    "max_wait_seconds": "lower",
    "drill_wait_seconds": "lower",
    "slow_window_share": "lower",
    "delivered_share": "higher",
    "window_delivered_share": "higher",
    "arrival_late_ms": "lower",
    "generator_lag_ms": "lower",
    "generator_cpu_share": "lower",
}
"""The direction in which each limit becomes stricter. A test fails if a limit is missing here."""


class Thresholds(Record, allow_inf_nan=False):
    """The limits of the GO/NO-GO criteria and of harm to one actor.

    No limit may be so high that nothing exceeds it: a gate by such a limit could not fail.

    `p95_ms`, `error_rate` and `pool_usage` are the criteria of source document 001; docs/reference.md explains the
    others.
    """

    p95_ms: float = Field(500, gt=0, le=60_000)
    error_rate: float = Field(0.01, gt=0, lt=1)
    refused_share: float = Field(
        0.01, gt=0, le=1, description="share of one operation's requests that a rate limit refuses"
    )
    pool_usage: float = Field(0.8, gt=0, le=1)
    memory_growth: float = Field(
        0.25,
        gt=0,
        le=10,
        description="share by which a worker's memory may grow from the middle to the last third of a load",
    )
    recovery_seconds: float = Field(60, gt=0, le=3600)
    max_wait_seconds: float = Field(
        10, gt=0, le=3600, description="a wait on one action beyond which an actor is harmed"
    )
    drill_wait_seconds: float = Field(
        30, gt=0, le=3600, description="a wait on one action while a fault is in beyond which an actor is harmed"
    )
    slow_window_share: float = Field(0.25, gt=0, le=1, description="share of slow windows that is 'consistently'")
    delivered_share: float = Field(0.95, gt=0, le=1)
    window_delivered_share: float = Field(
        0.8, gt=0, le=1, description="share of the writes due in one window that must be begun"
    )
    arrival_late_ms: float = Field(1000, gt=0, le=60_000, description="p95 of how late actors may arrive")
    generator_lag_ms: float = Field(100, gt=0, le=60_000)
    generator_cpu_share: float = Field(
        0.9, gt=0, le=100, description="share of one core in the generator's busiest seconds"
    )

    @property
    def weaker(self) -> tuple[str, ...]:
        """The limits that are weaker than the defaults, as text, for instance `p95_ms 60000 (default: 500)`."""
        return tuple(
            f"{name} {value:.10g} (default: {default:g})"
            for name, direction in _STRICTER.items()
            for value, default in [(getattr(self, name), type(self).model_fields[name].default)]
            if (value > default if direction == "lower" else value < default)
        )
