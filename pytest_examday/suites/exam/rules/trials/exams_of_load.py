"""Exams of the load that are looked at again after the drills. They show what a platform forgets
between the load and phase 5."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.ledger_subjects import split_keys
from pytest_examday.load.ledger import Write, replay
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, questions_shown_in
from pytest_examday.suites.exam.evidence import IntegrityEvidence, LoadEvidence
from pytest_examday.suites.exam.stored_exams.accounts_by_email import AccountsByEmail

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_EXAMINED = 20
"""So many of the exams that were opened or submitted first are examined; the first good one is tried."""


@dataclass
class ExamOfLoad:
    """An exam of the load: `actor` sat it, `key` is the idempotency key of its start, `score` is the score in the reply
    to the submit.

    `given` are the acknowledged answers by question, the last of each. `opened_at` and `submitted_at` are seconds since
    the epoch, `submitted_at` is None if no submit was acknowledged. `clear`: every write of it was acknowledged.
    """

    actor: str
    session_id: str
    key: str | None
    opened_at: float
    questions: tuple[str, ...] = ()
    given: dict[str, str] = field(default_factory=dict)
    score: str | None = None
    submitted_at: float | None = None
    clear: bool = True

    def candidate(self, target: "Target") -> ProbeCandidate:
        """The candidate, who has logged in again and knows what was acknowledged. Raises Unmeasurable if that is not
        possible."""
        account = AccountsByEmail(target.accounts.candidates).account_of(self.actor)
        if account is None:
            raise Unmeasurable(f"no account of {self.actor} is configured")
        candidate = ProbeCandidate.begin(target, account)
        candidate.session_id = self.session_id
        candidate.given = dict(self.given)
        candidate.questions = [
            {"id": question_id, "sent": question_id, "choices": []} for question_id in self.questions or self.given
        ]
        shown = {question["id"]: question["choices"] for question in questions_shown_in(candidate.read()) or ()}
        for question in candidate.questions:
            question["choices"] = shown.get(question["id"], [])
        return candidate


def first_opened(target: "Target") -> ExamOfLoad | None:
    """The exam that was opened first, of the exams of the load that were opened with an idempotency key and are not
    known to be stored or shown wrongly. None if there is no such exam. Raises Unmeasurable if a ledger is damaged."""
    opened = (exam for exam in _exams(target) if exam.key is not None)
    return min(opened, key=lambda exam: exam.opened_at, default=None)


def first_submitted(target: "Target") -> ExamOfLoad | None:
    """The exam that was submitted first, of the exams of the load whose writes were all acknowledged and that are not
    known to be stored or shown wrongly. None if there is no such exam. Raises Unmeasurable if a ledger is damaged."""
    chosen: dict[str, ExamOfLoad] = {
        exam.session_id: exam
        for exam in sorted(_exams(target), key=lambda exam: exam.submitted_at or 0.0)
        if exam.submitted_at is not None and exam.clear
    }
    first = dict(list(chosen.items())[:_EXAMINED])
    last: dict[tuple[str, str], int] = {}
    for write in _writes(target):
        exam = first.get(write.subject or "")
        if exam is None or write.kind != "answer" or write.key is None:
            continue
        if write.state != "acknowledged":
            exam.clear = False
        elif write.sequence > last.get((exam.session_id, write.key), -1):  # as the comparison with the ledger does
            last[exam.session_id, write.key] = write.sequence
            if write.value is None:
                exam.given.pop(write.key, None)
            else:
                exam.given[write.key] = write.value
    return next((exam for exam in first.values() if exam.clear and exam.given), None)


def age_in_words(moment: float) -> str:
    """How long ago that was (`moment` in seconds since the epoch), in words."""
    return f"{now() - moment:.0f} s"


def _exams(target: "Target") -> Iterator[ExamOfLoad]:
    """The exams without their answers."""
    exams: dict[str, ExamOfLoad] = {}
    for write in _writes(target):
        if write.subject is None or write.kind == "answer":
            continue
        exam, clear = exams.get(write.subject), write.state == "acknowledged"
        if write.kind == "create" and exam is None and clear and write.answered_at is not None:
            questions = split_keys(write.result) if write.result else ()
            exams[write.subject] = ExamOfLoad(write.actor, write.subject, write.key, write.answered_at, questions)
        elif exam is not None and write.kind == "submit" and exam.submitted_at is None and clear:
            exam.submitted_at, exam.score = write.answered_at, write.result
        elif exam is not None:
            exam.clear = False  # a second start or submit, or one without a reply
    wrong = _stored_or_shown_wrongly(target)
    return (exam for exam in exams.values() if exam.actor not in wrong)


def _stored_or_shown_wrongly(target: "Target") -> set[str]:
    """The candidates whose exams are stored or shown wrongly, as other lines report."""
    load = target.files.store.read("load", LoadEvidence).record
    integrity = target.files.store.read("integrity", IntegrityEvidence).record
    wrong = {fate.actor for fate in load.fates if fate.shown_wrongly} if load is not None else set()
    if integrity is not None:
        wrong |= integrity.reconciliation.stored_wrongly
    return wrong


def _writes(target: "Target") -> Iterator[Write]:
    load = target.files.store.read("load", LoadEvidence).record
    names = () if load is None else load.ledgers
    try:
        yield from chain.from_iterable(replay(target.files.directory / name) for name in names)
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the ledger cannot be read: {problem}") from None
