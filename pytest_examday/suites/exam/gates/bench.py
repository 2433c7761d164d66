"""What a judge works with: the evidence, the limits, and a case to which points are added."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.evidence.phases import DrillEvidence, LoadEvidence
from pytest_examday.record import Record
from pytest_examday.suites.exam.activities.registry import BY_NAME

FAILURES = ("redis_outage", "worker_loss")
DRILLS = (*FAILURES, "recovery")
"""The drills of every rehearsal: those that inject a failure (seed 000, phase 3), and all of them."""

GateOutcome = Literal["pass", "fail", "inconclusive", "waived"]
_Kind = TypeVar("_Kind", bound=Record)


class Judgement(Record):
    """What a gate says, in words for the person who signs."""

    name: str
    outcome: GateOutcome
    reason: str
    evidence: tuple[str, ...] = ()


@dataclass
class Case:
    """Points for and against one gate. A failure beats a doubt, a doubt beats everything that speaks for it."""

    failures: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    grounds: list[str] = field(default_factory=list)

    def fail_if(self, wrong: bool, text: str) -> None:
        """A reason for NO-GO."""
        if wrong:
            self.failures.append(text)

    def doubt_if(self, unmeasured: bool, text: str) -> None:
        """Something that was not measured, so nobody may call it good."""
        if unmeasured:
            self.doubts.append(text)

    def ground(self, text: str) -> None:
        """What was found good, said when nothing speaks against it."""
        self.grounds.append(text)


class Bench:
    """The evidence of one run before a judge; `drills` are the activities of those that its profile added."""

    def __init__(
        self, evidence: Callable[[str], Evidence[Record]], thresholds: Thresholds, drills: tuple[str, ...] = ()
    ) -> None:
        self._evidence = evidence
        self.thresholds = thresholds
        self.drills = drills

    def record(self, activity: str, kind: type[_Kind]) -> _Kind:
        """The record of an activity; raises Unmeasurable where there is none."""
        evidence = self._evidence(activity)
        if not isinstance(evidence.record, kind):
            raise Unmeasurable(f"{activity} was not measured: {evidence.unmeasured}")
        return evidence.record

    def drilled(self, activities: Iterable[str]) -> list[DrillEvidence]:
        """The records of those of these drills that measured something; `missing` tells of the others."""
        records = [self._evidence(activity).record for activity in activities]
        return [record for record in records if isinstance(record, DrillEvidence)]

    def missing(self, activities: Iterable[str]) -> list[str]:
        """Why some of these activities measured nothing, each reason once; a load without a single request has
        not measured either."""
        why: dict[str, list[str]] = {}
        silent: list[str] = []
        for activity in activities:
            evidence = self._evidence(activity)
            if evidence.record is None:
                why.setdefault(str(evidence.unmeasured), []).append(activity)
            elif isinstance(evidence.record, LoadEvidence) and evidence.record.overall.requests == 0:
                silent.append(f"{activity} sent no request")
        return [_unmeasured(names, reason) for reason, names in why.items()] + silent


def _unmeasured(names: list[str], reason: str) -> str:
    return f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} not measured: {reason}"


@dataclass(frozen=True)
class Gate:
    """One gate: its name, its line in the seeds, the activities without any of which it proves nothing, its judge.

    `every_drill`: it also needs the drills that the profile adds.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    judge: Callable[[Bench, Case], None]
    every_drill: bool = False

    def needed(self, drills: Iterable[str]) -> tuple[str, ...]:
        """The activities that it needs in a run that has these further drills."""
        return (*self.needs, *drills) if self.every_drill else self.needs

    def judgement(self, bench: Bench) -> Judgement:
        """Judge. A judge that crashes or lacks evidence says inconclusive, never pass."""
        case = Case()
        needs = self.needed(bench.drills)
        missing = bench.missing(needs)
        try:
            self.judge(bench, case)
        except Unmeasurable as reason:
            if not missing:
                case.doubts.append(str(reason))
        except Exception as problem:  # noqa: BLE001 # a judge that crashes knows nothing (rule 1)
            case.doubts.append(f"the judge crashed: {type(problem).__name__}: {problem}")
        case.doubts += missing
        if not (case.failures or case.doubts or case.grounds):
            case.doubts.append("nothing was judged")
        outcome: GateOutcome = "fail" if case.failures else "inconclusive" if case.doubts else "pass"
        reasons = case.failures + case.doubts or case.grounds
        evidence = tuple(f"evidence/{name}.json" for name in needs if name in BY_NAME)
        return Judgement(name=self.name, outcome=outcome, reason="; ".join(reasons), evidence=evidence)
