"""Judges a rule by the replies of a platform.

A reply accuses the platform only if it is clear: neither an error of the server nor a limit on requests nor a token
that has expired says anything about the meaning of the operation.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from pytest_examday.contract.values import as_number
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, in_words
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.target.api import Reply

PATIENCE_SECONDS = 10.0
"""How long a step is repeated if the reply is a server error or a limit on requests."""
_PAUSE_SECONDS = 0.2
_UNAUTHORIZED = 401

Step = Callable[[], Reply]


def send_until_clear(step: Step, until: float | None = None) -> Reply:
    """The first reply to a step that accepts or refuses it; after `until` (monotonic seconds; 10 s from now if it is
    None) the last reply, whatever it is."""
    until = time.monotonic() + PATIENCE_SECONDS if until is None else until
    while not ((reply := step()).accepted or reply.refused) and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    return reply


def require_accepted(step: Step, what: str) -> Reply:
    """The reply to a step that the trial needs. Raises Unmeasurable if the step is not accepted."""
    reply = send_until_clear(step)
    if not reply.accepted:
        raise Unmeasurable(f"{what}: {in_words(reply)}")
    return reply


def give_answer(candidate: ProbeCandidate, number: int = 0, choice: int = 0) -> None:
    """Answer a question; raises Unmeasurable if the answer is not accepted."""
    require_accepted(lambda: candidate.answer(number, choice), "an answer was not accepted")


def submit_exam(candidate: ProbeCandidate) -> Reply:
    """The reply to a submit; raises Unmeasurable if it is not accepted."""
    return require_accepted(candidate.submit, "the exam could not be submitted")


def read_state(candidate: ProbeCandidate) -> dict[str, object]:
    """What a reload and the review show: a label such as `the answers in a reload` -> the value."""
    state: dict[str, object] = {}
    pages = [("a reload", candidate.read)]
    if candidate.target.environment.platform.contract.review is not None:
        pages.append(("the review", candidate.review))
    for place, step in pages:
        reply = send_until_clear(step)
        if reply.accepted:
            answers, score = candidate.shown(reply), reply.find("score")
            state |= {} if answers is None else {f"the answers in {place}": answers}
            state |= {} if score is None else {f"the score in {place}": comparable(score)}
    return state


def judge_unchanged(candidate: ProbeCandidate, before: Mapping[str, object], what: str) -> TrialResult:
    """Whether the platform shows the same of the exam as before. A value that is missing before or after is not
    compared. Answers as they were acknowledged are right in any case: the state before may have been outdated. This
    finds a step that was refused in its reply and still carried out.
    """
    after = read_state(candidate)
    both = [name for name in before if name in after]
    for name in both:
        if after[name] not in (before[name], candidate.given):
            return TrialResult(False, f"{what} changed the exam: {name} was {before[name]}, then {after[name]}")
    return TrialResult(True, f"{', '.join(both) or 'nothing that is shown of the exam'} stayed the same")


def comparable(value: object) -> object:
    """The value as a number if it is a number or a text that holds one, otherwise its text: "3", 3 and 3.0 are
    equal."""
    number = as_number(value)
    return str(value) if number is None else number


def shows_something(reply: Reply) -> bool:
    """Whether the contract finds at least one value in the reply. It finds none in an error that is sent with status
    200."""
    return any(reply.find(name) is not None for name in reply.operation.finds)


def is_definite_refusal(reply: Reply) -> bool:
    """Whether the platform refused the step itself. A refused token is no such refusal: it may have expired."""
    return reply.refused and reply.status != _UNAUTHORIZED


def judge_refusals(replies: Sequence[Reply], what: str, accepts: Callable[[Reply], bool] | None = None) -> TrialResult:
    """Whether every one of these replies is a refusal. A reply that is neither acceptance nor refusal, for
    instance an error of the server, leaves open whether the rule holds. `accepts` says whether a
    reply with an accepted status really accepts; None if the status is enough."""
    wrong = [reply for reply in replies if reply.accepted and (accepts is None or accepts(reply))]
    if wrong:
        return TrialResult(False, f"{what} was accepted in {len(wrong)} of {len(replies)} tries: {in_words(wrong[0])}")
    unclear = [reply for reply in replies if not (reply.accepted or reply.refused)]
    if unclear:
        return TrialResult(None, f"{what} got no clear reply in {len(unclear)} of {len(replies)} tries: {unclear[0]}")
    return TrialResult(True, f"{what} was refused in {len(replies)} of {len(replies)} tries: {replies[0]}")
