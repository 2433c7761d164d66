"""Rules that must still hold some time later: some seconds later with an exam of the trial, and after the drills
with an exam of the load, if this run had one."""

import uuid
from collections.abc import Callable

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.gates import EXAM_RULES, NO_CORRUPTED_SESSIONS
from pytest_examday.suites.exam.rules.one_exam import (
    ONE_KEY_OPENS_ONE,
    REVIEW_SHOWS_ANSWERS,
    one_session,
    reviewed,
)
from pytest_examday.suites.exam.rules.rule import Rule, needs_found, no_key
from pytest_examday.suites.exam.rules.trials.exams_of_load import age_in_words, first_opened, first_submitted
from pytest_examday.suites.exam.rules.trials.judge_replies import is_definite_refusal
from pytest_examday.suites.exam.rules.trials.open_exam import with_good_token
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer, send_until_clear, submit_exam
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, require_rule, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup


def _key(setup: TrialSetup) -> TrialResult:
    early, other = setup.early_exams, setup.other_candidate()
    with setup.candidate_in_exam() as candidate:
        submit_exam(candidate)
        key = uuid.uuid4().hex
        now = one_session([candidate.open(key=key) for _ in range(2)], "two starts with one key")
    require_rule(now, ONE_KEY_OPENS_ONE)
    tries = setup.on_every_worker(lambda: ProbeCandidate(setup.target, other.login).open(key=early.key))
    soon = one_session(
        tries, f"starts with the key of an exam that was opened {early.age_in_words} before", early.session_id
    )
    return _much_later_too(soon, lambda: _key_of_load(setup))


def _key_of_load(setup: TrialSetup) -> TrialResult:
    exam = first_opened(setup.target)
    if exam is None:
        raise Unmeasurable("this run has no exam of a load with a key")
    login = exam.candidate(setup.target).login
    tries = setup.on_every_worker(lambda: ProbeCandidate(setup.target, login).open(key=exam.key))
    what = f"starts with the key of an exam that the load opened {age_in_words(exam.opened_at)} before"
    if all(map(is_definite_refusal, tries)):
        return TrialResult(True, f"{what} were refused: {reply_in_words(tries[0])}")
    return one_session(tries, what, exam.session_id)


def _review(setup: TrialSetup) -> TrialResult:
    early = setup.early_exams
    with setup.candidate_in_exam() as fresh:
        give_answer(fresh)
        score = submit_exam(fresh).find("score")
        require_rule(reviewed(fresh, send_until_clear(fresh.review), score), REVIEW_SHOWS_ANSWERS)
    candidate = early.submitted
    with_good_token(candidate, candidate.review)
    soon = _reviews(setup, candidate, early.score, f"{early.age_in_words} after the submit")
    return _much_later_too(soon, lambda: _review_of_load(setup))


def _review_of_load(setup: TrialSetup) -> TrialResult:
    exam = first_submitted(setup.target)
    if exam is None or exam.submitted_at is None:
        raise Unmeasurable("this run has no submitted exam of a load in which every write was acknowledged")
    return _reviews(
        setup, exam.candidate(setup.target), exam.score, f"{age_in_words(exam.submitted_at)} after a submit of the load"
    )


def _reviews(setup: TrialSetup, candidate: ProbeCandidate, score: object, when: str) -> TrialResult:
    result = worst_trial_result(
        *(reviewed(candidate, reply, score) for reply in setup.on_every_worker(candidate.review))
    )
    return TrialResult(result.held, f"{when}: {result.detail}")


def _much_later_too(soon: TrialResult, later: Callable[[], TrialResult]) -> TrialResult:
    """The result after some seconds and, if the rule held, with an exam of the load. If there is no such exam or
    it cannot be tried, only the result after some seconds counts, and the reason is given."""
    if not soon.held:
        return soon
    try:
        result = later()
    except Unmeasurable as reason:
        result = TrialResult(None, str(reason))
    if result.held is None:
        return TrialResult(True, f"{soon.detail}; not tried with an exam of the load: {result.detail}")
    return TrialResult(result.held, f"{soon.detail}; {result.detail}" if result.held else result.detail)


RULES = (
    Rule(
        "key-opens-one-exam-later-too",
        "An idempotency key opens no second exam later",
        NO_CORRUPTED_SESSIONS,
        _key,
        no_key,
    ),
    Rule(
        "review-stays",
        "The review shows the same later",
        EXAM_RULES,
        _review,
        needs_found("review", "answers"),
    ),
)
