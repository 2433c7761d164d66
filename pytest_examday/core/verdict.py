"""The verdict of a run: GO or NO-GO."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.gate import GateResult
from pytest_examday.core.line import LineResult
from pytest_examday.core.outcome import Judged, Outcome
from pytest_examday.evidence.figures import HarmedActor
from pytest_examday.record import Record

VerdictWord = Literal["GO", "NO-GO"]
TestOutcome = Literal["passed", "failed", "error", "skipped"]
_ENDED: dict[TestOutcome, str] = {
    "passed": "passed",
    "failed": "failed",
    "error": "ended with an error",
    "skipped": "was skipped",
}
"""Outcome of a test -> the same in words."""


class HarmRecord(HarmedActor):
    """The harm that was done to one actor; an entry of `stories` in `verdict.json`. The actor is called `candidate`
    there, because others rely on that name."""

    actor: str = Field(serialization_alias="candidate")

    @classmethod
    def of(cls, harmed: HarmedActor) -> Self:
        """The record of an actor who was harmed."""
        return cls(**dict(harmed))


class Candidates(Record):
    """How many actors took part in the rehearsal, and who was harmed."""

    total: int
    harmed: int
    stories: tuple[HarmRecord, ...] = ()


class OutcomeOfTest(Record):
    """One test of the run that is not a gate: a line of a phase, or a test of the user's own."""

    nodeid: str
    title: str
    phase: int | None
    outcome: TestOutcome
    message: str = ""
    line: str | None = Field(None, description="`suite:key` of the line that it tests")


class LineRecord(Record):
    """The outcome of one line; an entry of `lines` in `verdict.json`. `figure` holds the facts that its judge has
    noted."""

    suite: str
    key: str
    words: str
    phase: int
    outcome: Outcome
    reason: str
    figure: str
    gates: tuple[str, ...]

    @classmethod
    def of(cls, suite: str, result: LineResult) -> Self:
        """The record of a line's result."""
        line = result.line
        return cls(
            suite=suite,
            key=line.key,
            words=result.words,
            phase=line.phase,
            outcome=result.outcome,
            reason=result.reason,
            figure=result.facts_in_words,
            gates=line.gates,
        )

    def agreeing_with(self, test: OutcomeOfTest | None) -> Self:
        """The record; inconclusive if the line passed and its test did not. `test` is None if the test was not run:
        then the record is unchanged."""
        if test is None or test.outcome == "passed" or self.outcome != "pass":
            return self
        reason = f"its test {_ENDED[test.outcome]}: {test.message}"
        return self.model_copy(update={"outcome": "inconclusive", "reason": reason})


class JudgedAgain(Record):
    """The earlier run whose evidence was judged: its id, and when it began."""

    run: str
    began: datetime


class Verdict(Record):
    """The contents of `verdict.json`."""

    schema_: Literal["examday/verdict/1"] = Field(default="examday/verdict/1", serialization_alias="schema")
    verdict: VerdictWord
    run: str = Field("", description="id of the run, as in its `run.json`")
    environment: str
    profile: str
    api_url: str
    embedded: bool = Field(False, description="whether it was measured on the embedded platform")
    conducted_by: str
    started: datetime
    ended: datetime
    directory: str
    judged_from: str
    judged_again: JudgedAgain | None = Field(
        None, description="the earlier run whose evidence was judged; null if this run measured"
    )
    judged_sha256: dict[str, str] = Field(
        default_factory=dict, description="file of the run directory `judged_from` -> its SHA-256 when it was judged"
    )
    gates: tuple[GateResult, ...]
    obstacles: tuple[str, ...] = Field((), description="reasons for NO-GO that are no outcome of a gate")
    candidates: Candidates
    tests: tuple[OutcomeOfTest, ...] = Field(description="the tests of the run that are not gates")
    lines: tuple[LineRecord, ...] = ()
    suites: tuple[str, ...] = ()
    left_out: dict[str, str] = Field(default_factory=dict, description="suite -> why it is no part of the run")
    not_promised: dict[str, str] = Field(
        default_factory=dict, description="line that the platform does not promise, by `not_promised` -> that key"
    )
    not_described: dict[str, str] = Field(
        default_factory=dict,
        description="line that needs what the platform lacks or its description does not mention -> why",
    )
    limits: Thresholds = Thresholds()
    weaker_limits: tuple[str, ...] = Field((), description="limits that let more through than the default ones")
    unmeasured: dict[str, str] = Field(default_factory=dict, description="activity -> why it measured nothing")
    versions: dict[str, str] = Field(default_factory=dict)

    def with_obstacle(self, reason: str) -> Self:
        """The verdict with one more reason for NO-GO."""
        return self.model_copy(update={"verdict": "NO-GO", "obstacles": (*self.obstacles, reason)})


def decide(gates: Iterable[Judged], obstacles: Iterable[str] = ()) -> VerdictWord:
    """GO if there is at least one gate, all gates passed, and there are no other `obstacles`; else NO-GO."""
    outcomes = {gate.outcome for gate in gates}
    return "GO" if outcomes == {"pass"} and not tuple(obstacles) else "NO-GO"


def harmed(groups: Iterable[Iterable[HarmedActor]]) -> tuple[HarmRecord, ...]:
    """The harm of several records. The same kind of harm to the same actor is one story."""
    stories: dict[tuple[str, str], HarmRecord] = {}
    for group in groups:
        for harm in group:
            stories.setdefault((harm.actor, harm.harm), HarmRecord.of(harm))
    return tuple(stories.values())
