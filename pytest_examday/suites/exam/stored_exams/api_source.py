"""The API as source of the stored state, for environments without access to the database.

Each candidate logs in again and reads its sessions back; of a submitted session it reads the review too.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import EVENT_HISTORY
from pytest_examday.integrity.stored_state import StoredSubject, SubjectRef, UnreadableSubject
from pytest_examday.suites.exam.candidates.values_by_question import values_by_question
from pytest_examday.suites.exam.stored_exams.accounts_by_email import AccountsByEmail
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_AT_ONCE = 4
_GONE = (404, 410)
_NOT_SHOWN = (
    "sessions that changed their owner",
    "answers saved after the submit",
    EVENT_HISTORY,
)
_NO_KEY = "scores that the acknowledged answers earn: the review does not show the right choices"
_Session = StoredSubject | UnreadableSubject | None


class ApiSource:
    """Reads the stored state through the API. Raises Unmeasurable if no accounts of candidates are configured."""

    name: Literal["api"] = "api"

    def __init__(self, target: Target) -> None:
        self._target = target
        self._accounts = AccountsByEmail(target.accounts.candidates)
        self._read_back = 0
        self._keyless = False

    def fetch(self, subjects: list[SubjectRef]) -> Mapping[str, StoredSubject | UnreadableSubject]:
        """What the API shows the candidates of these sessions; four candidates ask at the same time."""
        by_actor: dict[str, list[str]] = {}
        for subject in subjects:
            by_actor.setdefault(subject.actor, []).append(subject.id)
        stored: dict[str, StoredSubject | UnreadableSubject] = {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for sessions in pool.map(self._ask, by_actor, by_actor.values()):
                self._read_back += len(sessions)
                self._target.files.progress.say(f"integrity: {self._read_back} sessions read back", passing=True)
                stored.update({key: session for key, session in sessions.items() if session is not None})
        self._keyless |= any(isinstance(result, StoredSubject) and _lacks_key(result) for result in stored.values())
        return stored

    def unjudged(self) -> tuple[str, ...]:
        """What the API does not show to candidates."""
        return (*_NOT_SHOWN, _NO_KEY) if self._keyless else _NOT_SHOWN

    def _ask(self, actor: str, sessions: Iterable[str]) -> dict[str, _Session]:
        account = self._accounts.account_of(actor)
        if account is None:
            return dict.fromkeys(sessions, UnreadableSubject(f"no account of {actor} is configured"))
        try:
            token = self._target.accounts.log_in(account).access_token
        except Unmeasurable as reason:
            return dict.fromkeys(sessions, UnreadableSubject(str(reason)))
        return {session: self._session(session, token) for session in sessions}

    def _session(self, session: str, token: str) -> _Session:
        """The session as its candidate reads it; None if the platform says that it does not exist."""
        read = self._target.api.call("read", {"session_id": session}, token)
        if read.status in _GONE:
            return None
        if not read.accepted:
            return UnreadableSubject(f"the session could not be read: {read}")
        status = _text(read.find("status"))
        if status not in ("SUBMITTED", None) or self._target.environment.platform.contract.review is None:
            return _stored_subject(read, status or "not submitted", read)
        review = self._target.api.call("review", {"session_id": session}, token)
        if review.accepted:
            return _stored_subject(read, "SUBMITTED", review)
        if review.status is None or review.status >= 500 or review.status in (401, 429):
            return UnreadableSubject(f"the review could not be read: {review}")
        return _stored_subject(read, status or "not submitted", read)  # the platform has no review, or not yet


def _stored_subject(read: Reply, status: str, last: Reply) -> StoredSubject | UnreadableSubject:
    """The session by the last reply. Values that this reply lacks are taken from `read`."""
    answers = _by_question(last, "answers")
    if answers is None:
        answers = _by_question(read, "answers")
    if answers is None:
        return UnreadableSubject("neither read nor review shows answers that can be read (contract: finds.answers)")
    score = as_number(last.find("score"))
    return StoredSubject(
        owner=None,
        status=status,
        score=as_number(read.find("score")) if score is None else score,
        values=answers,
        correct=_by_question(last, "correct"),
    )


def _lacks_key(session: StoredSubject) -> bool:
    return session.status == "SUBMITTED" and session.correct is None


def _by_question(reply: Reply, name: str) -> dict[str, str | None] | None:
    """The values by question, as text like those of a ledger; None if the reply has no such list, or one that cannot be
    read."""
    values = values_by_question(reply.find(name))
    return None if values is None else {question: _text(value) for question, value in values.items()}


def _text(item: Any) -> str | None:
    return None if item is None else str(item)
