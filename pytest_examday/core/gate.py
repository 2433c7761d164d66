"""A gate: a set of lines, as bad as the worst of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pytest_examday.core.line import LineResult, Words
from pytest_examday.core.measured import missing_in_words
from pytest_examday.record import Record

GateOutcome = Literal["pass", "fail", "inconclusive", "waived"]


@dataclass(frozen=True)
class Gate:
    """One gate: its name and its words in the criteria, whether it is hard (cannot be waived), and the phase under
    whose issues the report tells of it. Its lines name it.

    `needs` are activities without any of which it proves nothing, besides those of its lines; with `every_drill` the
    drills of the run are among them.
    """

    name: str
    words: Words
    phase: int
    hard: bool = False
    needs: tuple[str, ...] = ()
    every_drill: bool = False

    @property
    def test(self) -> str:
        """The name of its test."""
        return f"test_{self.name.replace('-', '_')}"

    def needed(self, drills: Iterable[str]) -> tuple[str, ...]:
        """The activities that it needs besides those of its lines, in a run that has these drills."""
        return tuple(dict.fromkeys((*self.needs, *drills))) if self.every_drill else self.needs


class GateResult(Record):
    """What became of a gate, in words for the person who signs; one entry of `gates` in `verdict.json`.

    `suite` is None for a gate of the user's own tests; `lines` are the keys of the lines that were counted.
    """

    name: str
    outcome: GateOutcome
    reason: str
    evidence: tuple[str, ...] = ()
    title: str = ""
    hard: bool = False
    suite: str | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateOutcomeOfLines:
    """The outcome of a gate, the reason, and the lines that were counted."""

    outcome: GateOutcome
    reason: str
    counted: tuple[LineResult, ...]


def worst_of(results: Iterable[LineResult], missing_needs: Mapping[str, str]) -> GateOutcomeOfLines:
    """Judge a gate by its lines and by the activities that it needs and that measured nothing.

    A line of the weight `when measured` that could not be measured is not counted. A gate without a counted line is
    inconclusive. Every reason is told once.
    """
    counted = tuple(r for r in results if r.outcome != "inconclusive" or r.line.weight == "always")
    if not counted:
        return GateOutcomeOfLines("inconclusive", "none of its lines was measured", ())
    failures = [text for result in counted for text in result.failures]
    doubts = [text for result in counted for text in result.doubts]
    missing = dict(missing_needs)
    for result in counted:
        missing |= result.missing
    against = (*failures, *doubts, *missing_in_words(missing))
    outcome: GateOutcome = "fail" if failures else "inconclusive" if against else "pass"
    facts = [fact for result in counted if result.line.quoted for fact in result.facts]
    return GateOutcomeOfLines(outcome, "; ".join(dict.fromkeys(against or facts)), counted)
