"""What a trial shows."""

from typing import NamedTuple

from pytest_examday.errors import Unmeasurable


class TrialResult(NamedTuple):
    """What a trial showed: whether the rule held, None if it could not be tried, and what was seen."""

    held: bool | None
    detail: str


def worst_trial_result(*shown: TrialResult) -> TrialResult:
    """The first result that did not hold, otherwise the first that could not be tried, otherwise all results as one."""
    for held in (False, None):
        for result in shown:
            if result.held is held:
                return result
    return TrialResult(True, "; ".join(dict.fromkeys(result.detail for result in shown)))


class BrokenRule(Unmeasurable):
    """A trial cannot be carried out because the platform breaks another rule on its way: `rule` is the key of that
    rule, and `seen` is what was seen. The trial of that rule then did not hold either."""

    def __init__(self, rule: str, seen: str) -> None:
        super().__init__(f"the platform breaks `{rule}`: {seen}")
        self.rule, self.seen = rule, seen


def require_rule(shown: TrialResult, rule: str) -> None:
    """Raise BrokenRule if the rule of this key did not hold, Unmeasurable if that is unknown."""
    if shown.held is False:
        raise BrokenRule(rule, shown.detail)
    if shown.held is None:
        raise Unmeasurable(f"it is not known whether the platform keeps `{rule}`: {shown.detail}")
