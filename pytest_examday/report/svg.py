"""The SVG elements that pictures are made of. All text is escaped; lengths are pixels."""

from collections.abc import Callable

from markupsafe import Markup

GREEN, RED, AMBER, BLUE, INK, GREY = "#1a7f37", "#cf222e", "#9a6700", "#0b5cad", "#1f2328", "#59636e"
SHADE, FAULT, FAULT_REMOVED, LINE = "#8c959f2e", "#cf222e22", "#cf222e11", "#8c959f66"
"""Transparent colours for backgrounds: drawings on them stay readable when a browser darkens the page."""

Scale = Callable[[float], float]


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """A function from values between `low` and `high` to pixels between `start` and `end`; always `start` if `low`
    equals `high`."""
    span = high - low
    return lambda value: start + (end - start) * ((value - low) / span if span else 0.0)


def rectangle(left: float, top: float, right: float, bottom: float, colour: str) -> Markup:
    """A filled rectangle."""
    shape = '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>'
    return Markup(shape).format(left, top, max(0.0, right - left), max(0.0, bottom - top), colour)  # noqa: S704


def line(left: float, top: float, right: float, bottom: float, colour: str, dashes: str = "none") -> Markup:
    """A straight line."""
    shape = (
        '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="1.5" stroke-dasharray="{}"/>'
    )
    return Markup(shape).format(left, top, right, bottom, colour, dashes)  # noqa: S704


def curve(points: list[tuple[float, float]], colour: str) -> Markup:
    """A line through points, with a dot at each."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = Markup("").join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.2" fill="{}"/>').format(x, y, colour) for x, y in points
    )
    return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>{}').format(path, colour, dots)


def text(x: float, y: float, words: str, colour: str = GREY, anchor: str = "start", weight: str = "400") -> Markup:
    """One line of text."""
    shape = '<text x="{:.1f}" y="{:.1f}" fill="{}" text-anchor="{}" font-weight="{}">{}</text>'
    return Markup(shape).format(x, y, colour, anchor, weight, words)  # noqa: S704


def picture(width: int, height: int, title: str, parts: list[Markup]) -> Markup:
    """The whole drawing, with a title for screen readers."""
    shape = '<svg viewBox="0 0 {} {}" role="img" xmlns="http://www.w3.org/2000/svg"><title>{}</title>{}</svg>'
    return Markup(shape).format(width, height, title, Markup("").join(parts))  # noqa: S704
