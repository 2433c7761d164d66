"""Figures in words with their units. None becomes None, because only the caller knows why there is no figure."""

from collections.abc import Sequence
from datetime import datetime

SYMBOLS = {"pass": "PASS", "fail": "FAIL", "inconclusive": "INCONCLUSIVE"}
"""The outcome of a gate or line in words for the reader."""


def milliseconds(value: float | None) -> str | None:
    """A duration in milliseconds."""
    if value is None:
        return None
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def seconds(value: float | None) -> str | None:
    """A duration in seconds; in minutes and seconds from two minutes on."""
    if value is None:
        return None
    if value < 120:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def percent(value: float | None, digits: int = 2) -> str | None:
    """A share from 0 to 1 as a percentage."""
    return None if value is None else f"{value:.{digits}%}"


def number(value: float | None) -> str | None:
    """A number without needless zeros."""
    return None if value is None else f"{value:g}"


def moment(value: datetime) -> str:
    """A point in time to the minute."""
    return value.strftime("%Y-%m-%d %H:%M UTC")


def printable_line(text: str) -> str:
    """The text without line breaks and control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def listed(items: Sequence[str], most: int = 5) -> str:
    """The first `most` items, and how many more there are."""
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown


def plural(amount: int, thing: str) -> str:
    """The amount with its noun: `1 candidate`, `2 candidates`."""
    return f"{amount} {thing}" if amount == 1 else f"{amount} {thing}s"
