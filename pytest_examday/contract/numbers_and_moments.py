"""Numbers and moments as platforms write them in replies and in log lines."""

import math
from collections.abc import Sequence
from typing import Any

LARGEST_SECONDS = 1e11
"""A larger number cannot be seconds since the epoch (the year 5138), so it is milliseconds."""

_CHARACTERS = 80


def as_number(value: object) -> float | None:
    """The finite number that the value is, or that it holds as a text; None if it is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def cut(value: object) -> str:
    """The value as a text that fits into a sentence: a platform may send one of any length."""
    return shortened(repr(value), _CHARACTERS)


def shortened(text: str, most: int) -> str:
    """The text, or its beginning if it has more than `most` characters."""
    return text if len(text) <= most else f"{text[:most]}…"


def all_numbers(values: Sequence[Any]) -> bool:
    """Whether each of the values is a finite number (and no truth value)."""
    if not set(map(type, values)) <= {int, float}:
        return False
    try:
        return math.isfinite(sum(values))  # in one pass, and as good for the numbers of a platform
    except OverflowError:
        return False


_TRUTHS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}


def truth(value: object) -> bool | None:
    """A flag as platforms write it; None for anything else."""
    return value if isinstance(value, bool) else _TRUTHS.get(str(value).strip().lower())
