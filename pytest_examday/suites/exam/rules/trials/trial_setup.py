"""The candidates and requests that the trials of rules share."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_examday.config.accounts import Account
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.rules.trials import send_calls
from pytest_examday.suites.exam.rules.trials.early_exams import EarlyExams
from pytest_examday.suites.exam.rules.trials.open_exam import open_exam, with_good_token
from pytest_examday.suites.exam.rules.trials.send_calls import Call, send_until_clear, submit_exam
from pytest_examday.suites.exam.workers.named_workers import tries_on_every_worker

if TYPE_CHECKING:
    from pytest_examday.target.api import Reply
    from pytest_examday.target.target import Target

_PAIRS = 5
"""How often two requests are sent at the same moment, if one pair alone may miss a race."""
_AT_ONCE = 4
"""Requests that are under way at the same moment, so that a race between workers can be seen."""


class TrialSetup:
    """Three candidates, and what trials do with them: one who sits exams, another who has no right to these exams,
    and one whose tokens are used up.

    `tries` is how often `on_every_worker` sends a call: so often that every worker meets it, but for one chance in a
    thousand. `pairs` is how often a trial sends two requests at the same moment.

    Raises Unmeasurable if there are too few accounts, or if one of the first two cannot log in.
    """

    def __init__(self, target: "Target") -> None:
        self.target = target
        sitter, other, self._account_for_tokens = target.accounts.take(3)
        self._sitter = ProbeCandidate.begin(target, sitter)
        self._other = ProbeCandidate.begin(target, other)
        self._early = _early_exams(self._sitter, self._other)
        self.pairs = _PAIRS
        self.tries = tries_on_every_worker(target)

    @contextmanager
    def candidate_in_exam(self) -> Iterator[ProbeCandidate]:
        """An exam that has just been opened, with at least three questions that have two choices. It is submitted at
        the end, and so is the exam that the trial has put in its place, so that no trial meets the open exam of another
        one. Raises Unmeasurable if it cannot be opened."""
        candidate = ProbeCandidate(self.target, self._sitter.login)
        open_exam(candidate)
        self._sitter.login = candidate.login
        session = candidate.session_id
        try:
            yield candidate
        finally:
            for opened in {candidate.session_id, session} - {None}:
                candidate.session_id = opened
                candidate.submit()

    def candidate_for_tokens(self) -> ProbeCandidate:
        """A candidate who has just logged in, whose tokens the trial may use up, and whose exam is submitted. Raises
        Unmeasurable if one of the calls fails, or if nobody could log in again."""
        candidate = ProbeCandidate.begin(self.target, self.account_with_password())
        open_exam(candidate)
        submit_exam(candidate)
        return candidate

    def exam_of_other_candidate(self) -> ProbeCandidate:
        """A submitted exam of the other candidate. Raises Unmeasurable if one of the calls fails."""
        candidate = ProbeCandidate(self.target, self._other.login)
        open_exam(candidate)
        self._other.login = candidate.login
        submit_exam(candidate)
        if candidate.session_id == self._other.session_id:
            self._other.session_id = None  # the platform opens one exam at a time; this one is no longer open
        return candidate

    @property
    def can_log_in_again(self) -> bool:
        """Whether the candidate whose tokens trials use up has a password."""
        return self._account_for_tokens.password is not None

    def account_with_password(self) -> Account:
        """The account of the candidate whose tokens trials use up. Raises Unmeasurable if it has a prepared token
        and no password."""
        if self._account_for_tokens.password is None:
            raise Unmeasurable("the candidate has a prepared token and no password, so nobody could log in again")
        return self._account_for_tokens

    def as_other_candidate(self, candidate: ProbeCandidate) -> ProbeCandidate:
        """The other candidate, who knows everything about this candidate's exam but has only a token of their own.

        Raises Unmeasurable if that token does not open the other's own exam: then its refusal would say nothing.
        """
        return replace(candidate, login=self.other_candidate().login, given={})

    def other_candidate(self) -> ProbeCandidate:
        """The other candidate, with an open exam and a token that opens it. Raises Unmeasurable if there is none."""
        other = self._other
        if other.session_id is None:
            open_exam(other)
        own = with_good_token(other, other.read)
        if not own.accepted:
            raise Unmeasurable(f"the other candidate cannot read an exam of their own: {reply_in_words(own)}")
        return other

    @property
    def early_exams(self) -> EarlyExams:
        """The exams that were begun before all trials. Raises Unmeasurable if they could not be begun."""
        if isinstance(self._early, Unmeasurable):
            raise self._early
        self._early.submitted.login = self._sitter.login  # a refresh token that has been used would end them all
        return self._early

    def on_every_worker(self, call: Call) -> list["Reply"]:
        """The replies to a call that is sent once for each try, each on a new connection, four at the same moment."""
        return self.at_once([call] * self.tries)

    def once_at_every_worker(self, call: Call) -> list["Reply"]:
        """The same without a second try of a call that is neither accepted nor refused."""
        return [call() for _ in range(self.tries)]

    def at_once(self, calls: Sequence[Call]) -> list["Reply"]:
        """The replies to these calls, of which four are under way at the same moment. A call that is neither accepted
        nor refused is tried again, for 10 s in all."""
        until = time.monotonic() + send_calls.PATIENCE_SECONDS
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [future.result() for future in [pool.submit(send_until_clear, call, until) for call in calls]]


def _early_exams(sitter: ProbeCandidate, other: ProbeCandidate) -> EarlyExams | Unmeasurable:
    """The exams, or the reason why there are none."""
    try:
        return EarlyExams.begin(sitter, other)
    except Unmeasurable as reason:
        return reason
