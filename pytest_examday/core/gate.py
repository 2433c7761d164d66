"""A gate: a set of lines, as bad as the worst of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pytest_examday.core.line import LineResult, Words
from pytest_examday.core.measured import missing_in_words
from pytest_examday.record import Record

GateOutcome = Literal["pass", "fail", "inconclusive", "waived"]


@dataclass(frozen=True)
class Gate:
    """One gate: its name and its words in the criteria, whether it is hard (cannot be waived), and the phase under
    whose issues the report tells of it. Its lines name it."""

    name: str
    words: Words
    phase: int
    hard: bool = False

    @property
    def test(self) -> str:
        """The name of its test."""
        return f"test_{self.name.replace('-', '_')}"


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


def gate_outcome(results: Iterable[LineResult]) -> tuple[GateOutcome, str, tuple[LineResult, ...]]:
    """The outcome of a gate with these lines, the reason, and the lines that were counted.

    A line of the weight `when measured` that could not be measured is not counted. A gate without a counted line is
    inconclusive. Every reason is told once.
    """
    counted = tuple(r for r in results if r.outcome != "inconclusive" or r.line.weight == "always")
    if not counted:
        return "inconclusive", "none of its lines was measured", ()
    failures = [text for result in counted for text in result.failures]
    doubts = [text for result in counted for text in result.doubts]
    missing = {activity: why for result in counted for activity, why in result.missing.items()}
    against = (*failures, *doubts, *missing_in_words(missing))
    outcome: GateOutcome = "fail" if failures else "inconclusive" if against else "pass"
    facts = [fact for result in counted if result.line.quoted for fact in result.facts]
    return outcome, "; ".join(dict.fromkeys(against or facts)), counted
