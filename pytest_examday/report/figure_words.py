"""Figures in words with their units. None stays None: only the caller knows why it was not measured."""

from collections.abc import Sequence
from datetime import datetime

SYMBOLS = {"pass": "PASS", "fail": "FAIL", "inconclusive": "NOT MEASURED", "waived": "WAIVED"}
"""The outcome of a gate as a reader without code understands it."""


def milliseconds(value: float | None) -> str | None:
    """A wait of one request."""
    if value is None:
        return None
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def seconds(value: float | None) -> str | None:
    """A span of time; whole minutes are named from two minutes on."""
    if value is None:
        return None
    if value < 120:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def percent(value: float | None, digits: int = 2) -> str | None:
    """A share of 0 to 1."""
    return None if value is None else f"{value:.{digits}%}"


def number(value: float | None, unit: str = "") -> str | None:
    """A count, with its unit where the label does not name it."""
    return None if value is None else f"{value:g} {unit}".rstrip()


def moment(value: datetime) -> str:
    """A point in time for a signed document."""
    return value.strftime("%Y-%m-%d %H:%M UTC")


def one_line(text: str) -> str:
    """The text without line breaks and control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def listed(items: Sequence[str], most: int = 5) -> str:
    """The first few items, and how many more there are."""
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown


def plural(amount: int, thing: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{amount} {thing}" if amount == 1 else f"{amount} {thing}s"
