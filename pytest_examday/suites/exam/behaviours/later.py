"""What a platform promised for an exam holds later too: some seconds later, and where this run had a load, from its
exams until after the drills."""

import uuid
from collections.abc import Callable

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour, needs_found, no_key
from pytest_examday.suites.exam.behaviours.exams_of_load import age, first_opened, first_submitted
from pytest_examday.suites.exam.behaviours.one_exam import one_session, reviewed
from pytest_examday.suites.exam.behaviours.opened import with_good_token
from pytest_examday.suites.exam.behaviours.replies import (
    give_answer,
    is_definite_refusal,
    send_until_clear,
    submit_exam,
)
from pytest_examday.suites.exam.behaviours.shown import Shown, worst_shown
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate, in_words


def _key(trier: Trier) -> Shown:
    early, stranger = trier.early, trier.stranger()
    with trier.exam() as candidate:
        submit_exam(candidate)
        key = uuid.uuid4().hex
        now = one_session([candidate.open(key=key) for _ in range(2)], "two starts with one key")
    _require_now(now)
    tries = trier.everywhere(lambda: ProbeCandidate(trier.target, stranger.login).open(key=early.key))
    soon = one_session(tries, f"starts with the key of an exam that was opened {early.age} before", early.session_id)
    return _much_later_too(soon, lambda: _key_of_load(trier))


def _key_of_load(trier: Trier) -> Shown:
    exam = first_opened(trier.target)
    if exam is None:
        raise Unmeasurable("this run has no exam of a load with a key")
    login = exam.candidate(trier.target).login
    tries = trier.everywhere(lambda: ProbeCandidate(trier.target, login).open(key=exam.key))
    what = f"starts with the key of an exam that the load opened {age(exam.opened_at)} before"
    if all(map(is_definite_refusal, tries)):
        return Shown(True, f"{what} were refused: {in_words(tries[0])}")
    return one_session(tries, what, exam.session_id)


def _review(trier: Trier) -> Shown:
    early = trier.early
    with trier.exam() as fresh:
        give_answer(fresh)
        score = submit_exam(fresh).find("score")
        _require_now(reviewed(fresh, send_until_clear(fresh.review), score))
    candidate = early.submitted
    with_good_token(candidate, candidate.review)
    soon = _reviews(trier, candidate, early.score, f"{early.age} after the submit")
    return _much_later_too(soon, lambda: _review_of_load(trier))


def _review_of_load(trier: Trier) -> Shown:
    exam = first_submitted(trier.target)
    if exam is None or exam.submitted_at is None:
        raise Unmeasurable("this run has no submitted exam of a load in which every write was acknowledged")
    return _reviews(
        trier, exam.candidate(trier.target), exam.score, f"{age(exam.submitted_at)} after a submit of the load"
    )


def _reviews(trier: Trier, candidate: ProbeCandidate, score: object, when: str) -> Shown:
    shown = worst_shown(*(reviewed(candidate, reply, score) for reply in trier.everywhere(candidate.review)))
    return Shown(shown.held, f"{when}: {shown.detail}")


def _much_later_too(soon: Shown, later: Callable[[], Shown]) -> Shown:
    """What was seen some seconds later and, where that held, with an exam of the load. Where there is no such exam, or
    it cannot be tried, the seconds stand alone, and the reason is told."""
    if not soon.held:
        return soon
    try:
        seen = later()
    except Unmeasurable as reason:
        seen = Shown(None, str(reason))
    if seen.held is None:
        return Shown(True, f"{soon.detail}; not tried with an exam of the load: {seen.detail}")
    return Shown(seen.held, f"{soon.detail}; {seen.detail}" if seen.held else seen.detail)


def _require_now(now: Shown) -> None:
    """Raises Unmeasurable where it does not hold at once either, which another behaviour tells."""
    if not now.held:
        raise Unmeasurable(f"it does not hold at once either: {now.detail}")


BEHAVIOURS = (
    Behaviour(
        "key-opens-one-exam-later-too",
        "An idempotency key opens no second exam later",
        "no-corrupted-sessions",
        _key,
        no_key,
    ),
    Behaviour(
        "review-stays",
        "The review shows the same later",
        "exam-rules",
        _review,
        needs_found("review", "answers"),
    ),
)
