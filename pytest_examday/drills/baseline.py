"""Compares failures during or after a fault with those before it: if as many requests failed before, the fault is not
the cause."""

from math import comb
from typing import NamedTuple

_CHANCE = 0.05
"""If chance alone spreads the failures so unevenly less often than this, the fault is the cause."""


class Failures(NamedTuple):
    """How many of how many requests failed."""

    failed: int
    judged: int


def no_worse_than_before(before: Failures, now: Failures) -> bool:
    """Whether requests already failed before, and chance explains the failures now (Fisher's exact test).

    If nothing failed before, every failure is new.
    """
    failed, judged = before.failed + now.failed, before.judged + now.judged
    if before.failed == 0 or now.failed == 0:
        return before.failed > 0
    ways = sum(
        comb(now.judged, here) * comb(before.judged, failed - here)
        for here in range(now.failed, min(failed, now.judged) + 1)
    )
    return ways / comb(judged, failed) > _CHANCE


def too_few_requests_for_a_rate(now: Failures, limit: float) -> bool:
    """Whether a single failure would exceed the limit (a share, 0 to 1), because there are so few requests."""
    return now.failed <= 1 and now.judged < 1 / limit
