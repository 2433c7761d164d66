"""Writes figures and limits as text, so that a reader sees which of the two is greater."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """How a figure is written."""

    sign: str
    """What follows the figure, for instance ` ms`."""
    digits: int
    """The fewest digits after the point."""
    scale: float = 1.0
    """The figure is multiplied by it."""

    def limit(self, value: float) -> str:
        """A limit with all the digits that were configured: `500 ms`, `0.5%`."""
        return f"{exact(value * self.scale)}{self.sign}"


MILLISECONDS = Unit(" ms", 0)
SECONDS = Unit(" s", 1)
PER_CENT = Unit("%", 2, 100)
"""For a share from 0 to 1."""
WHOLE_PER_CENT = Unit("%", 0, 100)
"""For a share from 0 to 1."""
_MOST_DIGITS = 15


def share(value: float) -> str:
    """A share (0 to 1) in per cent, without trailing zeros: `1%`, `1.5%`, `80%`."""
    return f"{value * 100:.6g}%"


def exact(limit: float) -> str:
    """A limit with all the digits that were configured: `500`, `250.5`, `1234567`."""
    return f"{limit:.10g}"


def shown(figure: float, limit: float, unit: Unit) -> str:
    """The figure with as many digits as it takes to see on which side of the limit it is."""
    bound = float(exact(limit * unit.scale))
    for digits in range(unit.digits, _MOST_DIGITS):
        text = f"{figure * unit.scale:.{digits}f}"
        if _side(float(text), bound) == _side(figure, limit):
            break
    return f"{text}{unit.sign}"


def bounded(figure: float, limit: float, unit: Unit) -> str:
    """The limit of a figure: `limit 500 ms`; with ` (not below it)` if the figure is exactly its limit."""
    equal = " (not below it)" if figure == limit else ""
    return f"limit {unit.limit(limit)}{equal}"


def against(figure: float, limit: float, unit: Unit) -> str:
    """The figure and its limit: `512 ms, limit 500 ms`."""
    return f"{shown(figure, limit, unit)}, {bounded(figure, limit, unit)}"


def _side(figure: float, limit: float) -> int:
    return (figure > limit) - (figure < limit)
