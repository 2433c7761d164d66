"""Evidence for a report: each figure, or the reason why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.record import Record
from pytest_examday.report.view import View, not_measured
from pytest_examday.suites.exam.evidence import (
    ExperienceEvidence,
    FreezeEvidence,
    IntegrityEvidence,
    LoadEvidence,
    ObservabilityEvidence,
)

NOT_PART_OF_RUN = "not part of this run"
NOT_TOLD_BY_PLATFORM = "the platform does not report it"

_Kind = TypeVar("_Kind", bound=Record)


@dataclass(frozen=True)
class Source(Generic[_Kind]):
    """The evidence of one activity: its record, or the reason why there is none."""

    record: _Kind | None
    why: str

    def figure(self, figure: Callable[[_Kind], str | None], lacking: str = NOT_TOLD_BY_PLATFORM) -> str:
        """One figure in words. `lacking` is the reason that is given if the record does not hold the figure."""
        if self.record is None:
            return not_measured(self.why)
        return figure(self.record) or not_measured(lacking)


def _source(evidence: Mapping[str, Evidence[Record]], name: str, kind: type[_Kind]) -> Source[_Kind]:
    item = evidence.get(name)
    if item is None:
        return Source(None, NOT_PART_OF_RUN)
    if isinstance(item.record, kind):
        return Source(item.record, "")
    return Source(None, item.unmeasured or f"the evidence of {name} is of another kind")


_OF_THE_TEMPLATE = ("drill_redis_outage", "drill_worker_loss", "drill_backend_restart")
"""The activities of the drills for which the report template has a part of its own."""


class Sources:
    """The evidence of all activities of one run."""

    def __init__(self, view: View) -> None:
        evidence = view.evidence
        self.preflight = _source(evidence, "preflight", PreflightEvidence)
        self.freeze = _source(evidence, "freeze", FreezeEvidence)
        self.load = _source(evidence, "load", LoadEvidence)
        self.redis_outage = _source(evidence, "drill_redis_outage", DrillEvidence)
        self.worker_loss = _source(evidence, "drill_worker_loss", DrillEvidence)
        self.integrity = _source(evidence, "integrity", IntegrityEvidence)
        self.experience = _source(evidence, "experience", ExperienceEvidence)
        self.observability = _source(evidence, "observability", ObservabilityEvidence)
        self.recovery = _source(evidence, "drill_backend_restart", DrillEvidence)
        self.integrity_after = _source(evidence, "integrity_after", IntegrityEvidence)
        self.further = {
            drill.activity: _source(evidence, drill.activity, DrillEvidence)
            for drill in view.suite.drills
            if (drill.always or drill.activity in evidence) and drill.activity not in _OF_THE_TEMPLATE
        }
        """The evidence of the drills for which the report template has no part of their own, by activity."""

    @property
    def drills(self) -> tuple[Source[DrillEvidence], ...]:
        """The evidence of all drills; those of the report template come first."""
        return (self.redis_outage, self.worker_loss, self.recovery, *self.further.values())

    @property
    def stored(self) -> Source[IntegrityEvidence]:
        """The last evidence of what is stored: from after the recovery drill, or else from phase 4."""
        return self.integrity_after if self.integrity_after.record or not self.integrity.record else self.integrity
