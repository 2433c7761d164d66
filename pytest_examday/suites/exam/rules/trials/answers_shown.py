"""Compares what a page shows of an exam, a reload or the review, with what was acknowledged."""

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words, with_words
from pytest_examday.suites.exam.candidates.scores import right_answers, same_score
from pytest_examday.suites.exam.rules.trials.judge_replies import is_definite_refusal, shows_something
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.target.api import Reply


def every_answer(candidate: ProbeCandidate, reply: Reply, place: str) -> TrialResult:
    """Whether the reply to a read or a review shows exactly the answers that were acknowledged."""
    if not reply.accepted:
        return TrialResult(
            False if is_definite_refusal(reply) else None, f"{place} is not shown: {reply_in_words(reply)}"
        )
    if not shows_something(reply):
        return TrialResult(False, f"{place} shows no exam: {with_words(reply)}")
    stored = candidate.shown(reply)
    if stored is None:
        return TrialResult(None, f"{place} shows no answers: {reply_in_words(reply)}")
    if stored != candidate.given:
        return TrialResult(False, f"{place} shows {stored}, acknowledged was {candidate.given}")
    return TrialResult(True, f"{place} shows all {len(stored)} answers")


def as_earned(candidate: ProbeCandidate, review: Reply) -> TrialResult:
    """Whether the score of a review is the number of right answers, by the right choices that the review shows. The
    result is good if the review shows no right choices or no score."""
    score, right = review.find("score"), right_choices(candidate, review)
    if score is None:
        return TrialResult(True, "the review shows no score")
    if not right:
        return TrialResult(True, "the review shows no right choices")
    earned = right_answers(candidate.given, right)
    if not same_score(score, earned):
        return TrialResult(
            False, f"the review shows the score {score}, and by its right choices {earned} answers are right"
        )
    return TrialResult(True, f"the score is that of {earned} right answers")


def right_choices(candidate: ProbeCandidate, review: Reply) -> dict[str, str]:
    """The right choices that a review of the candidate's exam shows, by question."""
    choices = candidate.values_in(review, "correct") or {}
    return {question: str(value) for question, value in choices.items() if value is not None}
