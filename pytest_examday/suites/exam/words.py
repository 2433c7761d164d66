"""Writes limits as text."""


def share(value: float) -> str:
    """A share (0 to 1) in per cent, without trailing zeros: `1%`, `1.5%`, `80%`."""
    return f"{value * 100:.6g}%"
