"""Calibrates a witness with an exam of the rehearsal's own: what it does not see there, it cannot accuse anybody of."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.integrity.stored_state import StateSource
from pytest_examday.suites.exam.integrity.api_source import ApiSource
from pytest_examday.suites.exam.integrity.own_exam import OwnExam
from pytest_examday.target.target import Target

PATIENCE_SECONDS = 10.0
"""How long a witness may lag behind the API."""
_PAUSE_SECONDS = 0.5
_LOG = frozenset({"event_missing", "event_disagrees", "history_missing"})
_VALUES = frozenset({"lost", "stale"})
_TOLD_BY_READING = _VALUES | {"never_sent", "lost_submit"}
_NEVER_BLIND = frozenset({"wrong_score", "unread", "two_results"})
"""A score is computed by the platform, and a subject that could not be read is no accusation."""


@dataclass(frozen=True)
class Calibration:
    """What a witness does not see of an exam that the API shows as acknowledged: the kinds of differences that it would
    accuse every candidate of, with the story of each."""

    exam: OwnExam
    not_shown: dict[str, str]

    def sentence(self, kinds: frozenset[str], whom: str, why: str) -> str | None:
        """One sentence for those of the kinds that the witness is blind to; None if there are none."""
        stories = [story for kind, story in self.not_shown.items() if kind in kinds]
        if not stories:
            return None
        moment = datetime.fromtimestamp(self.exam.submitted_at, UTC)
        return (
            f"{whom} does not show what the API shows of the rehearsal's own session {self.exam.session} "
            f"({self.exam.actor}, submitted at {moment:%H:%M:%S} UTC): {', '.join(stories)}{why}"
        )


def calibrate(target: Target, witness: StateSource, *, log_may_be_hidden: bool = False) -> Calibration:
    """Sit an exam, and compare what the witness tells of it with what was acknowledged, for up to 10 s.

    The database is blind only to what the API shows: what both deny is lost. Of a single answer that differs the
    witness is believed, because it sees the others. `log_may_be_hidden` says whether the database hides rows of the
    platform's own log; otherwise an event that is missing is the platform's loss. Raises Unmeasurable if the exam
    cannot be sat, or if the API shows nothing of it to compare.
    """
    exam = OwnExam.sit(target)
    told = _patiently(lambda: reconcile(exam.writes, witness, ()))
    strange = {difference.kind: difference for difference in reversed(told.differences)}
    if not strange:
        return Calibration(exam, {})
    if witness.name == "database":
        strange = {kind: one for kind, one in strange.items() if kind not in _denied(target, exam)}
    seen = told.kept > 0
    blind = {
        kind: one.story
        for kind, one in strange.items()
        if kind not in _NEVER_BLIND and not (kind in _VALUES and seen) and (kind not in _LOG or log_may_be_hidden)
    }
    return Calibration(exam, blind)


def _patiently(look: Callable[[], Reconciliation]) -> Reconciliation:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = look()
        if not found.differences or time.monotonic() >= until:
            return found
        time.sleep(_PAUSE_SECONDS)


def _denied(target: Target, exam: OwnExam) -> set[str]:
    """The kinds of differences in which the API says the same as the database, or does not say otherwise."""
    shown = reconcile(exam.writes, ApiSource(target), ())
    kinds = {difference.kind for difference in shown.differences}
    if not shown.unread:
        return kinds
    if not exam.shown():
        raise Unmeasurable("the API does not show the session of the rehearsal's own either")
    return kinds | _TOLD_BY_READING
