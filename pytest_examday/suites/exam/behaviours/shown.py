"""What a trial shows."""

from typing import NamedTuple


class Shown(NamedTuple):
    """What a trial showed: whether the behaviour held, None where it could not be tried, and what was seen."""

    held: bool | None
    detail: str
