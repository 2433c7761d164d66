"""What a trial shows."""

from typing import NamedTuple


class TrialResult(NamedTuple):
    """What a trial showed: whether the behaviour held, None where it could not be tried, and what was seen."""

    kept: bool | None
    detail: str


def worst_trial_result(*shown: TrialResult) -> TrialResult:
    """The first of these that did not hold, otherwise the first that could not be tried, otherwise all of them."""
    for kept in (False, None):
        for one in shown:
            if one.kept is kept:
                return one
    return TrialResult(True, "; ".join(dict.fromkeys(one.detail for one in shown)))
