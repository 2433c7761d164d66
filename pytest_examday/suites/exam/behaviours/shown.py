"""What a trial shows."""

from typing import NamedTuple


class Shown(NamedTuple):
    """What a trial showed: whether the behaviour held, None where it could not be tried, and what was seen."""

    held: bool | None
    detail: str


def worst_shown(*shown: Shown) -> Shown:
    """The first of these that did not hold, otherwise the first that could not be tried, otherwise all of them."""
    for held in (False, None):
        for one in shown:
            if one.held is held:
                return one
    return Shown(True, "; ".join(dict.fromkeys(one.detail for one in shown)))
