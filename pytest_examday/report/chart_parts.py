"""Parts of charts: axes, horizontal levels, labels, and a divided bar. All lengths are pixels."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from pytest_examday.report import svg

WIDTH = 760
LEFT, RIGHT = 84, 740
"""Charts over time are drawn between these pixels; labels stand left of them."""
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600)
_MOST_TICKS = 8
_MARGIN = 16
_LEAST_WIDTH = 8
"""The width of the smallest part of a divided bar, so that one in a million can be seen."""


@dataclass(frozen=True)
class Part:
    """One part of a divided bar: its words in the legend, its count, and its colour."""

    words: str
    count: int
    colour: str


def levels(up: svg.Scale, most: float, unit: str) -> Iterable[Markup]:
    """Horizontal lines at 0, at half of `most` and at `most`, each with its figure."""
    for share in (0, 0.5, 1):
        level = most * share
        yield svg.line(LEFT, up(level), RIGHT, up(level), svg.LINE)
        yield svg.text(LEFT - 8, up(level) + 4, f"{level:.0f}{unit}", anchor="end")


def time_axis(across: svg.Scale, began: float, ended: float, bottom: float) -> Iterable[Markup]:
    """Marks of the seconds since `began`, at round numbers and at most eight."""
    yield svg.line(LEFT, bottom, RIGHT, bottom, svg.GREY)
    length = int(ended - began)
    step = next((step for step in _STEPS if length <= _MOST_TICKS * step), max(1, length))
    for at in range(0, length + 1, step):
        yield svg.line(across(began + at), bottom, across(began + at), bottom + 5, svg.GREY)
        yield svg.text(across(began + at), bottom + 19, f"{at} s", anchor="middle")


def beside(x: float, y: float, words: str, colour: str) -> Markup:
    """A label that stays inside the chart: to the left of points in the right half, to the right of the others."""
    anchor = "end" if x > (LEFT + RIGHT) / 2 else "start"
    return svg.text(x, y, words, colour, anchor, "600")


def divided_bar(title: str, parts: Iterable[Part]) -> Markup | None:
    """All parts as one bar with a legend below it; None if all counts are 0."""
    parts = tuple(parts)
    total = sum(part.count for part in parts)
    if total == 0:
        return None
    return svg.picture(WIDTH, 96, title, [*_bar(parts, total), *_legend(parts)])


def _bar(parts: tuple[Part, ...], total: int) -> Iterable[Markup]:
    counted = [part for part in parts if part.count]
    room = WIDTH - _MARGIN - _LEAST_WIDTH * len(counted)
    left = 0.0
    for part in counted:
        width = _LEAST_WIDTH + room * part.count / total
        yield svg.rectangle(left, 8, left + width - 2, 48, part.colour)
        left += width


def _legend(parts: tuple[Part, ...]) -> Iterable[Markup]:
    for number, part in enumerate(parts):
        left = number * (WIDTH - _MARGIN) / len(parts)
        yield svg.rectangle(left, 66, left + 12, 78, part.colour)
        yield svg.text(left + 18, 77, f"{part.count} {part.words}", svg.INK)
