"""What a platform tells beside answers and score is true: the receipt of a submit, the marks of a review, and the
questions that a candidate has marked."""

from typing import Any

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.errors import Unmeasurable
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.candidates.probe_candidate import questions_shown_in
from pytest_examday.suites.exam.candidates.shown_exam import CLOCK_TOLERANCE_SECONDS, in_utc, moment_in
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs_found
from pytest_examday.suites.exam.rules.trials.answers_shown import right_choices
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer, require_accepted, submit_exam
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply


def _receipt(setup: TrialSetup) -> TrialResult:
    """The time that the receipt tells is compared with the platform's clock and with this machine's: it is wrong if it
    fits neither. The maximum score of the receipt is that of the review, and the number of questions."""
    with setup.candidate_in_exam() as candidate:
        asked = questions_shown_in(require_accepted(candidate.read, "the exam could not be read")) or []
        give_answer(candidate)
        reply, came = submit_exam(candidate), now()
        shown = [_time(reply, came)]
        if reply.find("max_score") is not None:
            shown.append(_maximum("the receipt", reply, len(asked)))
        if setup.target.environment.platform.contract.review is not None:
            review = require_accepted(candidate.review, "the review could not be read")
            if review.find("max_score") is not None:
                shown.append(_maximum("the review", review, len(asked)))
        return worst_trial_result(*shown)


def _time(reply: Reply, came: float) -> TrialResult:
    found = reply.find("submitted_at")
    moment = moment_in(found)
    if moment is None:
        return TrialResult(True, "the receipt tells no time with a time zone")
    clocks = (came, *([] if reply.served_at is None else [reply.served_at]))
    if min(abs(moment - clock) for clock in clocks) > CLOCK_TOLERANCE_SECONDS:
        return TrialResult(False, f"the receipt tells {in_utc(moment)}, and the exam was submitted at {in_utc(came)}")
    return TrialResult(True, "the receipt tells the time of the submit")


def _maximum(place: str, reply: Reply, questions: int) -> TrialResult:
    found = as_number(reply.find("max_score"))
    if found is None or not questions:
        return TrialResult(None, f"{place} tells no maximum score: {reply.find('max_score')!r}, {questions} questions")
    if found != questions:
        return TrialResult(False, f"{place} tells a maximum score of {found:g}, and the exam has {questions} questions")
    return TrialResult(True, f"{place} tells a maximum score of {found:g}")


def _marks(setup: TrialSetup) -> TrialResult:
    """Answer two questions, the same choice in both, so that the review has right answers, wrong ones or both, and
    blanks."""
    with setup.candidate_in_exam() as candidate:
        for number in range(2):
            give_answer(candidate, number)
        submit_exam(candidate)
        review = require_accepted(candidate.review, "the review could not be read")
    found, right = candidate.values_in(review, "marks") or {}, right_choices(candidate, review)
    compared = [question for question in found if question in right]
    if not compared:
        return TrialResult(None, "the review tells neither right choices nor which answers are right")
    for question in compared:
        earned = candidate.given.get(question) == right[question]
        if _is_true(found[question]) is not earned:
            words = f"{candidate.given.get(question, 'blank')}, and {right[question]} is right"
            return TrialResult(False, f"the review marks question {question} as {found[question]!r}: {words}")
    return TrialResult(True, f"the review marks {len(compared)} questions as their answers earn")


def _marked(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        first, second = (question["id"] for question in candidate.questions[:2])
        require_accepted(lambda: candidate.answer(0, marked=True), "an answer was not accepted")
        give_answer(candidate, 1)
        replies = [reply for reply in setup.on_every_worker(candidate.read) if reply.accepted]
        if not replies:
            raise Unmeasurable("the exam could not be read")
        for reply in replies:
            found = candidate.values_in(reply, "marked") or {}
            seen = {question: _is_true(found.get(question)) for question in (first, second)}
            if seen != {first: True, second: False}:
                words = f"{first} was marked and {second} was not, and a reload shows {found}"
                return TrialResult(False, words)
        return TrialResult(True, f"{len(replies)} reloads show the question that was marked")


def _is_true(value: Any) -> bool:
    return value is True or value == 1


def _no_receipt(contract: Contract) -> str | None:
    found = {"submitted_at", "max_score"} & contract.submit.finds.keys()
    if found or (contract.review is not None and "max_score" in contract.review.finds):
        return None
    return "the contract does not say where `submit` shows the submitted_at or the max_score"


def _no_marked(contract: Contract) -> str | None:
    if not contract.answer.sends("marked"):
        return "the contract does not send `{marked}` with `answer`"
    return needs_found("read", "marked")(contract)


def _no_marks(contract: Contract) -> str | None:
    return needs_found("review", "marks")(contract) or needs_found("review", "correct")(contract)


RULES = (
    Rule(
        "receipt-is-true",
        "The receipt of a submit tells when it was, and the maximum score",
        EXAM_RULES,
        _receipt,
        _no_receipt,
    ),
    Rule(
        "review-marks-the-right-answers",
        "The review marks the answers as right that are right",
        EXAM_RULES,
        _marks,
        _no_marks,
    ),
    Rule(
        "reload-shows-what-was-marked",
        "A reload shows which questions were marked",
        EXAM_RULES,
        _marked,
        _no_marked,
    ),
)
