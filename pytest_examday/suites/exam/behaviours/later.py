"""What a platform promised for an exam holds some time later too."""

import uuid

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour, needs_found, no_key
from pytest_examday.suites.exam.behaviours.one_exam import one_session, reviewed
from pytest_examday.suites.exam.behaviours.opened import with_good_token
from pytest_examday.suites.exam.behaviours.replies import give_answer, send_until_clear, submit_exam
from pytest_examday.suites.exam.behaviours.shown import Shown, worst_shown
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate


def _key(trier: Trier) -> Shown:
    early, stranger = trier.early, trier.stranger()
    with trier.exam() as candidate:
        submit_exam(candidate)
        key = uuid.uuid4().hex
        now = one_session([candidate.open(key=key) for _ in range(2)], "two starts with one key")
    _require_now(now)
    tries = trier.everywhere(lambda: ProbeCandidate(trier.target, stranger.login).open(key=early.key))
    return one_session(tries, f"starts with the key of an exam that was opened {early.age} before", early.session_id)


def _review(trier: Trier) -> Shown:
    early = trier.early
    with trier.exam() as fresh:
        give_answer(fresh)
        score = submit_exam(fresh).find("score")
        _require_now(reviewed(fresh, send_until_clear(fresh.review), score))
    candidate = early.submitted
    with_good_token(candidate, candidate.review)
    tries = trier.everywhere(candidate.review)
    shown = worst_shown(*(reviewed(candidate, reply, early.score) for reply in tries))
    return Shown(shown.held, f"{early.age} after the submit: {shown.detail}")


def _require_now(now: Shown) -> None:
    """Raises Unmeasurable where it does not hold at once either, which another behaviour tells."""
    if not now.held:
        raise Unmeasurable(f"it does not hold at once either: {now.detail}")


BEHAVIOURS = (
    Behaviour(
        "key-opens-one-exam-later-too",
        "An idempotency key opens no second exam some seconds later",
        "no-corrupted-sessions",
        _key,
        no_key,
    ),
    Behaviour(
        "review-stays",
        "The review shows the same some seconds later",
        "exam-rules",
        _review,
        needs_found("review", "answers"),
    ),
)
