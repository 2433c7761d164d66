"""Numbers and moments as platforms write them in answers and in log lines."""

import math

LARGEST_SECONDS = 1e11
"""A larger number cannot be seconds since the epoch (the year 5138), so it is milliseconds."""


def as_number(value: object) -> float | None:
    """The finite number that the value is, or that it holds as a text; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
