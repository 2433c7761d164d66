"""Tries behaviours with candidates of its own: each step is sent so often that every worker probably meets it."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_TRIES_PER_WORKER = 4
"""With 4 tries for each worker, spread at random, the chance that one certain worker meets none is below 2 % (e^-4)."""
_WORKERS_UNKNOWN = 2
_AT_ONCE = 4
"""Requests that are under way at the same moment, so that a race between workers can be seen."""
_QUESTIONS = 3
_TRY_AGAIN_SECONDS = 10.0


class Trier:
    """Two candidates, `owner` and `stranger`, and what trials do with them.

    Raises Unmeasurable if one of them cannot log in.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        owner, stranger, self._leaver = target.accounts.take(3)
        self._owner = ProbeCandidate.begin(target, owner)
        self.stranger = ProbeCandidate.begin(target, stranger)
        self.tries = _TRIES_PER_WORKER * _workers(target)

    @contextmanager
    def exam(self) -> Iterator[ProbeCandidate]:
        """An exam of `owner` that has just been opened and has at least three questions. It is submitted at the end, so
        that no trial meets the open exam of another one. Raises Unmeasurable if it cannot be opened."""
        candidate = ProbeCandidate(self.target, self._owner.login)
        with self._seated(candidate):
            yield candidate

    @contextmanager
    def exam_of_leaver(self) -> Iterator[ProbeCandidate]:
        """An exam of a candidate who has just logged in, and whose tokens the trial may use up."""
        with self._seated(ProbeCandidate.begin(self.target, self._leaver)) as candidate:
            yield candidate

    @contextmanager
    def _seated(self, candidate: ProbeCandidate) -> Iterator[ProbeCandidate]:
        opened = candidate.open()
        if not opened.accepted or len(candidate.questions) < _QUESTIONS:
            raise Unmeasurable(f"an exam with {_QUESTIONS} questions could not be opened: {opened}")
        session = candidate.session_id
        try:
            yield candidate
        finally:
            candidate.session_id = session
            candidate.submit()

    def as_stranger(self, candidate: ProbeCandidate) -> ProbeCandidate:
        """The stranger, who knows everything about the candidate's exam but has only a token of their own."""
        return replace(candidate, login=self.stranger.login, given={})

    def everywhere(self, step: Callable[[], Reply]) -> list[Reply]:
        """The replies to a step that is sent once for each try, each on a new connection, four at the same moment."""
        return self.together([step] * self.tries)

    def together(self, steps: Sequence[Callable[[], Reply]]) -> list[Reply]:
        """The replies to these steps, of which four are under way at the same moment."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [future.result() for future in [pool.submit(step) for step in steps]]


def done(step: Callable[[], Reply], what: str) -> Reply:
    """The reply to a step that the trial needs; an error of the platform is tried again for 10 s. Raises Unmeasurable
    if the step is not accepted."""
    until = time.monotonic() + _TRY_AGAIN_SECONDS
    while not (reply := step()).accepted:
        if reply.refused or time.monotonic() > until:
            raise Unmeasurable(f"{what}: {reply}{_said(reply)}")
        time.sleep(0.2)
    return reply


def answered(candidate: ProbeCandidate, number: int = 0, choice: int = 0) -> None:
    """Answer a question; raises Unmeasurable if the answer is not accepted."""
    done(lambda: candidate.answer(number, choice), "an answer was not accepted")


def submitted(candidate: ProbeCandidate) -> Reply:
    """The reply to a submit; raises Unmeasurable if it is not accepted."""
    return done(candidate.submit, "the exam could not be submitted")


def was_read(candidate: ProbeCandidate) -> Reply:
    """The exam as a reload shows it; raises Unmeasurable if it cannot be read."""
    return done(candidate.read, "the exam could not be read")


def refused(replies: Sequence[Reply], what: str) -> Shown:
    """Show whether every one of these replies is a refusal. A reply that is neither acceptance nor refusal, for
    instance an error of the server, leaves open whether the behaviour holds."""
    wrong = [reply for reply in replies if reply.accepted]
    if wrong:
        return Shown(False, f"{what} was accepted in {len(wrong)} of {len(replies)} tries: {wrong[0]}{_said(wrong[0])}")
    open_ = [reply for reply in replies if not reply.refused]
    if open_:
        return Shown(None, f"{what} got no clear answer in {len(open_)} of {len(replies)} tries: {open_[0]}")
    return Shown(True, f"{what} was refused in {len(replies)} of {len(replies)} tries: {replies[0]}")


def worst(*shown: Shown) -> Shown:
    """The first of these that did not hold, otherwise the first that could not be tried, otherwise all of them."""
    for held in (False, None):
        for one in shown:
            if one.held is held:
                return one
    return Shown(True, "; ".join(one.detail for one in shown))


def _said(reply: Reply) -> str:
    text = " ".join(reply.text.split())[:120]
    return f" ({text})" if text else ""


def _workers(target: Target) -> int:
    try:
        return max(len(target.runtime.workers()), 1)
    except Unmeasurable:
        return _WORKERS_UNKNOWN
