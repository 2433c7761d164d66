"""Writes limits as text, and the reason that a box of the report template has none."""

NEEDS_BROWSER = "needs a browser"
"""Why no rehearsal measures a statement about the web page."""


def share(value: float) -> str:
    """A share (0 to 1) in per cent, without trailing zeros: `1%`, `1.5%`, `80%`."""
    return f"{value * 100:.6g}%"


def exact(limit: float) -> str:
    """A limit with all the digits that were configured: `500`, `250.5`, `1234567`."""
    return f"{limit:.10g}"
