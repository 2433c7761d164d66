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

    `drills` are the names of the run's activities that are drills.
    """

    def __init__(
        self, evidence: Callable[[str], Evidence[Record]], limits: Thresholds, drills: tuple[str, ...] = ()
    ) -> None:
        self._evidence = evidence
        self.limits = limits
        self.drills = drills

    def record(self, activity: str, kind: type[_Kind]) -> _Kind:
        """The record that an activity left. Raises Unmeasurable if there is none."""
        evidence = self._evidence(activity)
        if not isinstance(evidence.record, kind):
            raise Unmeasurable(f"{activity} was not measured: {evidence.unmeasured}")
        return evidence.record

    def records(self, activities: Iterable[str], kind: type[_Kind]) -> list[_Kind]:
        """The records that the given activities left; activities that measured nothing are left out."""
        records = (self._evidence(activity).record for activity in activities)
        return [record for record in records if isinstance(record, kind)]

    def missing(self, activities: Iterable[str]) -> dict[str, str]:
        """The given activities that measured nothing: activity -> reason.

        A record with a property `nothing_measured` that gives a reason (for instance a load that sent no request)
        counts as missing.
        """
        reasons: dict[str, str] = {}
        for activity in activities:
            evidence = self._evidence(activity)
            if evidence.record is None:
                reasons[activity] = str(evidence.unmeasured)
            elif (nothing := _nothing_measured(evidence.record)) is not None:
                reasons[activity] = nothing
        return reasons


def _nothing_measured(record: Record) -> str | None:
    try:
        nothing = getattr(record, "nothing_measured", None)
    except Exception as problem:  # noqa: BLE001 # a property of the user's record must not end the run
        return f"its nothing_measured crashed: {type(problem).__name__}: {problem}"
    return None if nothing is None else str(nothing)


def missing_in_words(missing: dict[str, str]) -> list[str]:
    """One text for each reason; activities with the same reason are named together."""
    by_reason: dict[str, list[str]] = {}
    for activity, reason in missing.items():
        by_reason.setdefault(reason, []).append(activity)
    return [
        f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} not measured: {reason}"
        for reason, names in by_reason.items()
    ]
