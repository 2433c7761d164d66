"""Gates and what became of them -> the verdict."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from pytest_examday.evidence.figures import HarmedCandidate
from pytest_examday.record import Record
from pytest_examday.suites.exam.gates.bench import Judgement

VerdictWord = Literal["GO", "CONDITIONAL GO", "NO-GO"]


class Candidates(Record):
    """How many sat the rehearsal, and who was harmed."""

    total: int
    harmed: int
    stories: tuple[HarmedCandidate, ...] = ()


class Check(Record):
    """One test of the run that is not a gate: a line of a phase, or a test of the user's own."""

    nodeid: str
    title: str
    phase: int | None
    outcome: Literal["passed", "failed", "error", "skipped"]
    message: str = ""


class Verdict(Record):
    """`verdict.json`."""

    schema_: Literal["examday/verdict/1"] = Field(default="examday/verdict/1", serialization_alias="schema")
    verdict: VerdictWord
    environment: str
    measured_environment: str | None = Field(None, description="where the evidence was measured, if it was elsewhere")
    profile: str
    api_url: str
    conducted_by: str
    started: datetime
    ended: datetime
    directory: str
    judged_from: str
    gates: tuple[Judgement, ...]
    candidates: Candidates
    checks: tuple[Check, ...]
    unmeasured: dict[str, str] = Field(default_factory=dict, description="activity -> why it measured nothing")
    versions: dict[str, str] = Field(default_factory=dict)

    @property
    def against(self) -> tuple[Judgement, ...]:
        """The gates that speak against GO."""
        return tuple(gate for gate in self.gates if gate.outcome not in ("pass", "waived"))


def decide(gates: Iterable[Judgement]) -> VerdictWord:
    """GO only where there are gates and every one of them passed; a waived one makes it conditional."""
    outcomes = {gate.outcome for gate in gates}
    if not outcomes or outcomes - {"pass", "waived"}:
        return "NO-GO"
    return "CONDITIONAL GO" if "waived" in outcomes else "GO"


def harmed(groups: Iterable[Iterable[HarmedCandidate]]) -> tuple[HarmedCandidate, ...]:
    """Each harm once: a candidate harmed in one way is told of once, however many records say so."""
    once: dict[tuple[str, str], HarmedCandidate] = {}
    for group in groups:
        for harm in group:
            once.setdefault((harm.candidate, harm.harm), harm)
    return tuple(once.values())
