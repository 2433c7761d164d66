"""The evidence of one run, as judges read it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record

_Kind = TypeVar("_Kind", bound=Record)


class Measured:
    """The evidence of one run and the limits by which it is judged.

    `drills` are the activities of the drills that are part of the run.
    """

    def __init__(
        self, evidence: Callable[[str], Evidence[Record]], limits: Thresholds, drills: tuple[str, ...] = ()
    ) -> None:
        self._evidence = evidence
        self.limits = limits
        self.drills = drills

    def record(self, activity: str, kind: type[_Kind]) -> _Kind:
        """The record of an activity; raises Unmeasurable where there is none."""
        evidence = self._evidence(activity)
        if not isinstance(evidence.record, kind):
            raise Unmeasurable(f"{activity} was not measured: {evidence.unmeasured}")
        return evidence.record

    def records(self, activities: Iterable[str], kind: type[_Kind]) -> list[_Kind]:
        """The records of those of these activities that measured something; `missing` tells of the others."""
        found = (self._evidence(activity).record for activity in activities)
        return [record for record in found if isinstance(record, kind)]

    def missing(self, activities: Iterable[str]) -> dict[str, str]:
        """Activity -> why it measured nothing.

        A record that has a property `nothing_measured` with a reason (a load that sent no request) counts as none.
        """
        reasons: dict[str, str] = {}
        for activity in activities:
            evidence = self._evidence(activity)
            if evidence.record is None:
                reasons[activity] = str(evidence.unmeasured)
            elif (nothing := getattr(evidence.record, "nothing_measured", None)) is not None:
                reasons[activity] = str(nothing)
        return reasons


def missing_in_words(missing: dict[str, str]) -> list[str]:
    """One sentence part for each reason: activities that share a reason are named together."""
    by_reason: dict[str, list[str]] = {}
    for activity, reason in missing.items():
        by_reason.setdefault(reason, []).append(activity)
    return [
        f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} not measured: {reason}"
        for reason, names in by_reason.items()
    ]
