"""A gate: a set of lines whose worst outcome counts for the verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_examday.core.line import LineResult, Words
from pytest_examday.core.measured import missing_in_words
from pytest_examday.core.outcome import Outcome, outcome_of
from pytest_examday.record import Record


@dataclass(frozen=True)
class Gate:
    """One gate: its name and its words in the GO/NO-GO criteria. Lines say by themselves to which gates they belong.

    `hard`: the report template lists the gate in its GO/NO-GO table. A gate that is not hard counts for the verdict
    too. `phase` is the phase under whose issues the report mentions the gate. `needs` names activities without whose
    evidence the gate is inconclusive, besides those of its lines; with `every_drill` it needs every drill of the run
    too.
    """

    name: str
    words: Words
    phase: int
    hard: bool = False
    needs: tuple[str, ...] = ()
    every_drill: bool = False

    @property
    def test(self) -> str:
        """The name of the gate's test."""
        return f"test_{self.name.replace('-', '_')}"

    def needed(self, drills: Iterable[str]) -> tuple[str, ...]:
        """The activities that the gate needs besides those of its lines; `drills` are the drills of the run."""
        return tuple(dict.fromkeys((*self.needs, *drills))) if self.every_drill else self.needs


class GateResult(Record):
    """The outcome of a gate with its reason; an entry of `gates` in `verdict.json`.

    `suite` is None for a gate of the user's own tests. `lines` are the keys of the lines that were counted.
    """

    name: str
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()
    title: str = ""
    hard: bool = False
    suite: str | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateOutcomeOfLines:
    """The outcome of a gate, the reason, and the lines that were counted."""

    outcome: Outcome
    reason: str
    counted: tuple[LineResult, ...]


def judge_gate(
    results: Iterable[LineResult], missing_needs: Mapping[str, str], problem: str | None = None
) -> GateOutcomeOfLines:
    """Judge a gate by the results of its lines and by the needed activities that measured nothing (activity -> reason).

    `problem` is a reason why the gate itself cannot pass, None where there is none.

    A line that counts only when measured, and that could not be measured, is left out; one whose judge is broken is
    not. A gate all of whose lines are
    left out is inconclusive. A reason that occurs twice is told once.
    """
    counted = tuple(r for r in results if r.outcome != "inconclusive" or r.line.when_unmeasured == "blocks" or r.broken)
    if not counted:
        return GateOutcomeOfLines("inconclusive", "none of its lines was measured", ())
    failures = [text for result in counted for text in result.failures]
    doubts = [text for result in counted for text in result.doubts]
    missing = dict(missing_needs)
    for result in counted:
        missing |= result.missing
    doubts += [*missing_in_words(missing), *([] if problem is None else [problem])]
    facts = [fact for result in counted if result.line.reason_of_gate for fact in result.facts]
    reason = "; ".join(dict.fromkeys((*failures, *doubts) or facts))
    return GateOutcomeOfLines(outcome_of(failures, doubts), reason, counted)
