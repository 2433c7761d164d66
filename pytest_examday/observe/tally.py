"""Counts values in bounded memory, and takes percentiles of them."""

import math
from collections import Counter
from collections.abc import Iterable

_DISTINCT = 100_000
"""Up to this many different values are counted exactly."""
_STEPS = 2_048


class Tally:
    """Counts values in bounded memory; negative ones are left out of percentiles.

    If there are more than 100,000 different values, they are rounded up by at most a thousandth, so that a percentile
    never favours the platform.
    """

    def __init__(self) -> None:
        self._counts: Counter[float] = Counter()

    def add(self, values: Iterable[float]) -> None:
        """Count these values."""
        self._counts.update(values)
        if len(self._counts) > _DISTINCT:
            rounded: Counter[float] = Counter()
            for value, count in self._counts.items():
                rounded[_rounded_up(value)] += count
            self._counts = rounded

    def percentile(self, share: float) -> float | None:
        """The first value that has at least `share` (0 to 1) of all before it; None if there is no value."""
        values = sorted(value for value in self._counts if value >= 0)
        total = sum(self._counts[value] for value in values)
        place = min(int(total * share + 1e-9), total - 1)
        for value in values:
            place -= self._counts[value]
            if place < 0:
                return value
        return None


def _rounded_up(value: float) -> float:
    mantissa, exponent = math.frexp(value)
    return math.ldexp(math.ceil(mantissa * _STEPS) / _STEPS, exponent)
