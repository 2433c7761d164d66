"""Outcomes of lines and gates. The worst is a failure, then comes what was not measured, then a pass."""

from collections.abc import Collection, Iterable
from typing import Literal, Protocol, TypeVar

Outcome = Literal["pass", "fail", "inconclusive"]
_FROM_THE_WORST: tuple[Outcome, ...] = ("fail", "inconclusive", "pass")


class Judged(Protocol):
    """A result that has an outcome."""

    @property
    def outcome(self) -> Outcome: ...


_Result = TypeVar("_Result", bound=Judged)


def outcome_of(failures: Collection[object], doubts: Collection[object]) -> Outcome:
    """`fail` where there is a failure; otherwise `inconclusive` where there is a doubt; otherwise `pass`."""
    return "fail" if failures else "inconclusive" if doubts else "pass"


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of the outcomes; inconclusive where there is none."""
    return min(outcomes, key=_FROM_THE_WORST.index, default="inconclusive")


def worst_result(results: Iterable[_Result]) -> _Result:
    """The result with the worst outcome; the first of those that are equally bad. Raises ValueError where there is
    none."""
    return min(results, key=lambda result: _FROM_THE_WORST.index(result.outcome))
