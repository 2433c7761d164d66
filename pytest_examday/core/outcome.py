"""Outcomes of lines and gates. A failure is worse than inconclusive, which is worse than a pass."""

from collections.abc import Collection, Iterable
from typing import Literal, Protocol, TypeVar

Outcome = Literal["pass", "fail", "inconclusive"]
INCONCLUSIVE_PREFIX = "INCONCLUSIVE: "
"""Begins the message of a test that could not be judged."""
_FROM_THE_WORST: tuple[Outcome, ...] = ("fail", "inconclusive", "pass")


class Judged(Protocol):
    """A result that has an outcome."""

    @property
    def outcome(self) -> Outcome: ...


_Result = TypeVar("_Result", bound=Judged)


def outcome_of(failures: Collection[object], doubts: Collection[object]) -> Outcome:
    """`fail` if there is a failure; else `inconclusive` if there is a doubt; else `pass`."""
    return "fail" if failures else "inconclusive" if doubts else "pass"


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of the outcomes; inconclusive if there is none."""
    return min(outcomes, key=_FROM_THE_WORST.index, default="inconclusive")


def worst_result(results: Iterable[_Result]) -> _Result:
    """The result with the worst outcome; the first of those that are equally bad. Raises ValueError if there is
    none."""
    return min(results, key=lambda result: _FROM_THE_WORST.index(result.outcome))
