"""What a trial shows."""

from collections.abc import Mapping
from typing import NamedTuple


class Shown(NamedTuple):
    """What a trial showed: whether the behaviour held, None where it could not be tried, and what was seen."""

    held: bool | None
    detail: str


def worst(*shown: Shown) -> Shown:
    """The first of these that did not hold, otherwise the first that could not be tried, otherwise all of them."""
    for held in (False, None):
        for one in shown:
            if one.held is held:
                return one
    return Shown(True, "; ".join(dict.fromkeys(one.detail for one in shown)))


def unchanged(before: Mapping[str, object], after: Mapping[str, object], what: str) -> Shown:
    """Show whether the platform tells the same of an exam as before. What it does not tell both times is left out.

    A step that is refused in words and done in fact is found by this.
    """
    both = [name for name in before if name in after]
    for name in both:
        if before[name] != after[name]:
            return Shown(False, f"{what} changed the exam: {name} was {before[name]}, then {after[name]}")
    return Shown(True, f"{', '.join(both) or 'nothing that is told of the exam'} stayed the same")
