"""Limits in words."""


def share(value: float) -> str:
    """A share of 0 to 1 in per cent, with as many digits as it has: `1%`, `1.5%`, `80%`."""
    return f"{value * 100:.6g}%"
