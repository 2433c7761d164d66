"""Reads what the platform shows of an exam, and judges whether it stayed the same."""

from collections.abc import Mapping

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.rules.trials.judge_replies import comparable
from pytest_examday.suites.exam.rules.trials.send_calls import send_until_clear
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult

SCORE_IN = "the score in "
"""How the labels of scores begin."""


def read_state(candidate: ProbeCandidate) -> dict[str, object]:
    """What a reload and the review show: a label such as `the answers in a reload` -> the value."""
    state: dict[str, object] = {}
    pages = [("a reload", candidate.read)]
    if candidate.target.environment.platform.contract.review is not None:
        pages.append(("the review", candidate.review))
    for place, call in pages:
        reply = send_until_clear(call)
        if reply.accepted:
            answers, score = candidate.shown(reply), reply.find("score")
            state |= {} if answers is None else {f"the answers in {place}": answers}
            state |= {} if score is None else {f"{SCORE_IN}{place}": comparable(score)}
    return state


def judge_unchanged(candidate: ProbeCandidate, before: Mapping[str, object], what: str) -> TrialResult:
    """Whether the platform shows the same of the exam as before. A value that is missing before or after is not
    compared. Answers as they were acknowledged are right in any case: the state before may have been outdated. This
    finds a call that was refused in its reply and still carried out.
    """
    after = read_state(candidate)
    both = [name for name in before if name in after]
    for name in both:
        if after[name] not in (before[name], candidate.given):
            return TrialResult(False, f"{what} changed the exam: {name} was {before[name]}, then {after[name]}")
    return TrialResult(True, f"{', '.join(both) or 'nothing that is shown of the exam'} stayed the same")
