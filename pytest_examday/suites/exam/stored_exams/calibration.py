"""Calibrates a source of the stored state with an exam that the rehearsal sits itself.

Everything about this exam is known. If the source does not show something of it that the API shows, it may not show the
same of candidates' exams either. So that is not reported as lost.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.integrity.stored_state import StateSource
from pytest_examday.suites.exam.stored_exams.api_source import ApiSource
from pytest_examday.suites.exam.stored_exams.own_exam import OwnExam
from pytest_examday.target.target import Target

PATIENCE_SECONDS = 10.0
"""How long a source may lag behind the API."""
_PAUSE_SECONDS = 0.5
_IN_HISTORY = frozenset({"event_missing", "event_disagrees", "history_missing"})
_VALUES = frozenset({"lost", "stale"})
_SHOWN_BY_A_PAGE = _VALUES | {"never_sent", "lost_submit"}
"""Kinds of differences that a page of the exam would show. They cannot be checked if the API shows no such page."""
_NOT_CALIBRATED = frozenset({"wrong_score", "unread", "two_results"})
"""Kinds of differences that calibration leaves alone: the platform computes scores and results itself, and a subject
that could not be read is not a loss."""


@dataclass(frozen=True)
class Calibration:
    """The result of a calibration."""

    exam: OwnExam
    not_shown: dict[str, str]
    """Kind of difference that the source would report for every candidate although nothing is lost -> its story."""

    def sentence(self, kinds: frozenset[str], whom: str, why: str) -> str | None:
        """One sentence that names what the source does not show, for these kinds; None if it shows them all.

        `whom` names the source, `why` ends the sentence.
        """
        stories = [story for kind, story in self.not_shown.items() if kind in kinds]
        if not stories:
            return None
        moment = datetime.fromtimestamp(self.exam.submitted_at, UTC)
        return (
            f"{whom} does not show what the API shows of the rehearsal's own session {self.exam.session} "
            f"({self.exam.actor}, submitted at {moment:%H:%M:%S} UTC): {', '.join(stories)}{why}"
        )


def calibrate(target: Target, source: StateSource, *, log_may_be_hidden: bool = False) -> Calibration:
    """Sit an exam, and compare its stored state with what was acknowledged, for up to 10 s.

    The database is compared with the API: if neither shows a write, the write is lost. If only some answers differ, the
    source is believed, because it shows the others. `log_may_be_hidden` says whether the database hides rows of the
    platform's event history; otherwise a missing event counts as missing. Raises Unmeasurable if the exam cannot be
    sat, or if the API shows nothing of it to compare.
    """
    exam = OwnExam.sit(target)
    compared = _patiently(lambda: reconcile(exam.writes, source, ()))
    differing = {difference.kind: difference for difference in reversed(compared.differences)}
    if not differing:
        return Calibration(exam, {})
    if source.name == "database":
        differing = {kind: first for kind, first in differing.items() if kind not in _confirmed_by_api(target, exam)}
    shows_answers = compared.kept > 0
    not_shown = {
        kind: first.story
        for kind, first in differing.items()
        if kind not in _NOT_CALIBRATED
        and not (kind in _VALUES and shows_answers)
        and (kind not in _IN_HISTORY or log_may_be_hidden)
    }
    return Calibration(exam, not_shown)


def _patiently(look: Callable[[], Reconciliation]) -> Reconciliation:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = look()
        if not found.differences or time.monotonic() >= until:
            return found
        time.sleep(_PAUSE_SECONDS)


def _confirmed_by_api(target: Target, exam: OwnExam) -> set[str]:
    """The kinds of differences that the API shows too, or that it cannot contradict."""
    shown = reconcile(exam.writes, ApiSource(target), ())
    kinds = {difference.kind for difference in shown.differences}
    if not shown.unread:
        return kinds
    if not exam.is_shown():
        raise Unmeasurable("the API does not show the rehearsal's own session either")
    return kinds | _SHOWN_BY_A_PAGE
