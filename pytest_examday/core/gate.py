"""A gate: a set of lines whose worst outcome counts for the verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_examday.core.line import LineResult, Words
from pytest_examday.core.measured import missing_in_words
from pytest_examday.core.outcome import Outcome, outcome_of
from pytest_examday.record import Record


@dataclass(frozen=True)
class Gate:
    """One gate. Lines name the gates to which they belong."""

    name: str
    words: Words
    """What it states, as in the GO/NO-GO criteria; `title` in `verdict.json`."""
    phase: int
    """The phase under whose issues the report mentions the gate."""
    hard: bool = False
    """Whether the report template lists it in its GO/NO-GO table. A gate that is not hard counts for the verdict
    too."""
    needs: tuple[str, ...] = ()
    """Activities without whose evidence the gate is inconclusive, besides those of its lines."""
    every_drill: bool = False
    """Whether the gate also needs the evidence of every drill of the run."""

    @property
    def test(self) -> str:
        """The name of the gate's test."""
        return f"test_{self.name.replace('-', '_')}"

    def needed(self, drills: Iterable[str]) -> tuple[str, ...]:
        """The names of the activities that the gate needs besides those of its lines. `drills` are the names of the
        run's activities that are drills, for instance `drill_redis_outage`."""
        return tuple(dict.fromkeys((*self.needs, *drills))) if self.every_drill else self.needs


class GateResult(Record):
    """The outcome of a gate with its reason; an entry of `gates` in `verdict.json`."""

    name: str
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()
    title: str = ""
    hard: bool = False
    suite: str | None = None
    """None for a gate of the user's own tests."""
    lines: tuple[str, ...] = ()
    """The keys of the lines that were counted."""


@dataclass(frozen=True)
class GateOutcomeOfLines:
    """The outcome of a gate, the reason, and the lines that were counted."""

    outcome: Outcome
    reason: str
    counted: tuple[LineResult, ...]


def judge_gate(
    results: Iterable[LineResult], missing_needs: Mapping[str, str], problem: str | None = None
) -> GateOutcomeOfLines:
    """Judge a gate by the results of its lines.

    `missing_needs` maps the name of each needed activity that measured nothing to the reason. `problem` says why the
    gate itself cannot pass; None if it can.

    An inconclusive line is left out if its `when_unmeasured` is `ignored`, unless its judge is broken. If all lines of
    a gate are left out, the gate is inconclusive. Each reason is given once.
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
