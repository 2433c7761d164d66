"""An exam belongs to one candidate: the token of another candidate does not open it."""

import uuid
from dataclasses import replace

from pytest_examday.suites.exam.candidates.probe_candidate import reply_in_words
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs, no_key
from pytest_examday.suites.exam.rules.trials.exam_state import judge_unchanged, read_state
from pytest_examday.suites.exam.rules.trials.judge_replies import is_definite_refusal, judge_refusals, shows_something
from pytest_examday.suites.exam.rules.trials.send_calls import (
    Call,
    give_answer,
    require_accepted,
    send_until_clear,
    submit_exam,
)
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup


def _read(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        other = setup.as_other_candidate(candidate)
        return _before_and_after(setup, candidate.read, other.read, "reading the exam of another candidate")


def _before_and_after(setup: TrialSetup, own: Call, others: Call, what: str) -> TrialResult:
    """Let the other candidate try, then the owner read, then the other try again: a platform may cache what it has
    shown the owner."""
    before = judge_refusals(setup.on_every_worker(others), what, shows_something)
    if not before.held:
        return before
    setup.on_every_worker(own)
    return judge_refusals(setup.on_every_worker(others), f"{what}, who has read it,", shows_something)


def _answer(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        other, question = setup.as_other_candidate(candidate), candidate.questions[0]
        other.sequence += 1
        before = read_state(candidate)
        tries = setup.on_every_worker(lambda: other.send_answer(question["id"], question["choices"][1]))
        what = "answering in the exam of another candidate"
        shown = judge_refusals(tries, what)
        return worst_trial_result(shown, judge_unchanged(candidate, before, what))


def _submit(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        tries = setup.on_every_worker(setup.as_other_candidate(candidate).submit)
        shown = judge_refusals(tries, "submitting the exam of another candidate")
        after = send_until_clear(lambda: candidate.answer(1))
        if after.accepted:
            return worst_trial_result(shown, TrialResult(True, "the exam stayed open for its owner"))
        message = f"after the submits of another candidate the owner could not answer: {reply_in_words(after)}"
        return worst_trial_result(shown, TrialResult(False if is_definite_refusal(after) else None, message))


def _review(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        submit_exam(candidate)
        other = setup.as_other_candidate(candidate)
        return _before_and_after(setup, candidate.review, other.review, "reading the result of another candidate")


def _key(setup: TrialSetup) -> TrialResult:
    """Send the idempotency key of one candidate's start as another candidate. The other must not get the exam of the
    first; a refusal is right too."""
    key = uuid.uuid4().hex
    with setup.candidate_in_exam() as candidate:
        submit_exam(candidate)
        require_accepted(lambda: candidate.open(key=key), "an exam could not be opened")
        other = setup.as_other_candidate(candidate)
        tries = setup.on_every_worker(lambda: replace(other).open(key=key))
        sessions = [str(reply.find("session_id")) for reply in tries if reply.accepted]
        if str(candidate.session_id) in sessions:
            return TrialResult(
                False, f"a start with the key of another candidate opened their exam {candidate.session_id}"
            )
        unclear = [reply for reply in tries if not (reply.accepted or reply.refused)]
        if unclear:
            return TrialResult(
                None, f"a start with the key of another candidate got no clear reply: {reply_in_words(unclear[0])}"
            )
        return TrialResult(True, "starts with the key of another candidate did not open their exam")


RULES = (
    Rule(
        "key-of-another-candidate-opens-no-exam-of-theirs",
        "Nobody opens the exam of another candidate with its idempotency key",
        EXAM_RULES,
        _key,
        no_key,
    ),
    Rule("others-cannot-read-an-exam", "Nobody reads the exam of another candidate", EXAM_RULES, _read),
    Rule("others-cannot-answer-an-exam", "Nobody answers in the exam of another candidate", EXAM_RULES, _answer),
    Rule("others-cannot-submit-an-exam", "Nobody submits the exam of another candidate", EXAM_RULES, _submit),
    Rule(
        "others-cannot-read-a-result",
        "Nobody reads the result of another candidate",
        EXAM_RULES,
        _review,
        needs("review"),
    ),
)
