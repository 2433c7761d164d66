"""Rules of a closed exam, which was submitted or whose time is over: which answers count, and that it does not
change."""

import time
import uuid
from collections.abc import Mapping, Sequence
from functools import partial

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.gates import EXAM_RULES, NO_CORRUPTED_SESSIONS, NO_DUPLICATE_SUBMITS
from pytest_examday.suites.exam.rules.one_exam import REVIEW_SHOWS_ANSWERS
from pytest_examday.suites.exam.rules.rule import Rule, needs_found, no_key
from pytest_examday.suites.exam.rules.trials.answers_shown import as_earned, every_answer
from pytest_examday.suites.exam.rules.trials.exam_state import SCORE_IN, judge_unchanged, read_state
from pytest_examday.suites.exam.rules.trials.judge_replies import comparable, is_definite_refusal, judge_refusals
from pytest_examday.suites.exam.rules.trials.send_calls import (
    give_answer,
    require_accepted,
    send_until_clear,
    submit_exam,
)
from pytest_examday.suites.exam.rules.trials.times_in_replies import until_end
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, require_rule, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_SHORT_SECONDS = 2
_AFTER_SECONDS = 1.0
"""The wait after the end, because the end may be given in whole seconds."""
_LONGEST_WAIT_SECONDS = 15.0
_LATE_IN_TIME = (2.4, 1.2, 0.8, 0.4)
"""How many seconds before the end the last answers are sent. The later ones may be refused: the end may be given in
whole seconds, and a request takes time."""
_WITH_LATE_ANSWERS_SECONDS = 4
_SERVER_ERROR = 500
NO_ANSWER_AFTER_SUBMIT = "submitted-exam-takes-no-answer"
_MOST_CHOICES = 4
"""So many exams are sat at the most, each with other choices, until one has a score above 0."""
_RESULT = ("score", "submission")
"""The values of a reply by which results are compared."""
DOUBLE_SUBMIT_WITHOUT_KEY = "double-submit-without-a-key-has-one-result"
"""The key of this rule. If the platform does not promise it, no candidate of a load submits twice without an
idempotency key."""


def _answers_after_submit(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        submit_exam(candidate)
        return _late_answers(setup, candidate, "an answer after the submit")


def _late_answers(setup: TrialSetup, candidate: ProbeCandidate, what: str) -> TrialResult:
    """Answer a question again with another choice, and a question that has no answer yet. The sequence numbers are new,
    so that only the closed exam is a reason to refuse the answers. Compare what the platform shows before and after."""
    question = candidate.questions[0]
    candidate.sequence += 1
    before = read_state(candidate)
    blank = candidate.questions[1]
    tries = setup.on_every_worker(lambda: candidate.send_answer(question["id"], question["choices"][1]))
    tries += setup.on_every_worker(lambda: candidate.send_answer(blank["id"], blank["choices"][0]))
    return worst_trial_result(judge_refusals(tries, what), judge_unchanged(candidate, before, what))


def _blank(setup: TrialSetup) -> TrialResult:
    """Submit an exam without an answer. An error of the server that lasts for 10 s fails too, because this submit alone
    causes it."""
    with setup.candidate_in_exam() as candidate:
        reply = send_until_clear(candidate.submit)
        broken = reply.status is not None and reply.status >= _SERVER_ERROR
        held = True if reply.accepted else False if is_definite_refusal(reply) or broken else None
        return TrialResult(held, f"the submit of an exam without an answer: {reply_in_words(reply)}")


def _shown_as_submitted(setup: TrialSetup) -> TrialResult:
    """Whether a reload shows another status than before the submit, so that a page does not show an open exam."""
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        before = require_accepted(candidate.read, "the exam could not be read").find("status")
        submit_exam(candidate)
        tries = setup.on_every_worker(candidate.read)
    same = [reply for reply in tries if reply.accepted and reply.find("status") == before]
    if before is None or not any(reply.accepted for reply in tries):
        return TrialResult(None, f"a reload shows no status of the exam: {reply_in_words(tries[0])}")
    message = f"after the submit {len(same)} of {len(tries)} reloads show the status {before!r} of an open exam"
    return TrialResult(not same, message)


def _second_submit(setup: TrialSetup) -> TrialResult:
    """Answer every question, and take another choice in a further exam if the score is 0: a second submit that lowers
    the score, or that scores nothing, cannot be seen if it is 0 already."""
    for choice in range(_MOST_CHOICES):
        with setup.candidate_in_exam() as candidate:
            for number, question in enumerate(candidate.questions):
                give_answer(candidate, number, choice % len(question["choices"]))
            first = submit_exam(candidate)
            before = read_state(candidate)
            if _is_zero(first, before) and choice + 1 < _MOST_CHOICES:
                continue
            again = setup.on_every_worker(candidate.submit)
            return worst_trial_result(
                _one_result([first, *again], "a submit and those after it"),
                judge_unchanged(candidate, before, "further submits"),
            )
    raise AssertionError("the last exam is judged in any case")


def _is_zero(submit: Reply, state: Mapping[str, object]) -> bool:
    """Whether the score is shown in the reply to the submit or in the state, and is not above 0."""
    shown = (submit.find("score"), *(value for name, value in state.items() if name.startswith(SCORE_IN)))
    scores = [score for score in map(as_number, shown) if score is not None]
    return bool(scores) and max(scores) <= 0


def _two_submits(setup: TrialSetup, *, keyed: bool) -> TrialResult:
    """Submit several exams, each twice at the same moment over two new connections. One exam alone might miss a
    race."""
    shown = []
    for _ in range(setup.pairs):
        with setup.candidate_in_exam() as candidate:
            give_answer(candidate)
            key = uuid.uuid4().hex if keyed else None
            submit = partial(candidate.submit_with, key)
            replies = setup.at_once([submit, submit])
            shown.append(_one_result(replies, "two submits at the same moment"))
            if shown[-1].held is False:
                break
    return worst_trial_result(*shown)


def _one_result(replies: Sequence[Reply], what: str) -> TrialResult:
    """Whether all submits that were accepted give the same result."""
    unclear = [reply for reply in replies if not (reply.accepted or reply.refused)]
    accepted = [reply for reply in replies if reply.accepted]
    for name in _RESULT:
        found = {comparable(value) for reply in accepted if (value := reply.find(name)) is not None}
        if len(found) > 1:
            return TrialResult(False, f"{what} gave different results: {name} {', '.join(sorted(map(str, found)))}")
    if not accepted:
        return TrialResult(None, f"{what}: none was accepted: {reply_in_words(replies[0])}")
    if unclear:
        return TrialResult(
            None, f"{what}: {len(unclear)} of {len(replies)} got no clear reply: {reply_in_words(unclear[0])}"
        )
    return TrialResult(True, f"{what} gave one result ({len(accepted)} of {len(replies)} accepted)")


def _beside_submit(setup: TrialSetup) -> TrialResult:
    """Send several answers, each at the same moment as the submit: an acknowledged answer must count, a refused answer
    must not."""
    _reviews_are_right(setup)
    shown = []
    for _ in range(setup.pairs):
        with setup.candidate_in_exam() as candidate:
            give_answer(candidate)
            submit = partial(candidate.submit_with, uuid.uuid4().hex)
            candidate.wait_until_submittable()
            _, submitted = setup.at_once([partial(candidate.answer, 1, 1), submit])
            if not submitted.accepted:  # a platform may refuse every submit after one that it has accepted
                require_accepted(submit, "the exam could not be submitted")
            review = require_accepted(candidate.review, "the review could not be read")
            seen = worst_trial_result(every_answer(candidate, review, "the review"), as_earned(candidate, review))
            shown.append(
                seen if seen.held else TrialResult(seen.held, f"after an answer beside the submit {seen.detail}")
            )
            if seen.held is False:
                break
    return worst_trial_result(*shown)


def _reviews_are_right(setup: TrialSetup) -> None:
    """Raise BrokenRule if the review of an ordinary exam is wrong, or if a submitted exam accepts an answer."""
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        submit_exam(candidate)
        review = require_accepted(candidate.review, "the review could not be read")
        seen = worst_trial_result(every_answer(candidate, review, "the review"), as_earned(candidate, review))
        before = read_state(candidate)
        late = send_until_clear(lambda: candidate.answer(1))
        stayed = judge_unchanged(candidate, before, "an answer after the submit")
    require_rule(seen, REVIEW_SHOWS_ANSWERS)
    if late.accepted:
        stayed = TrialResult(False, f"an answer after the submit was accepted: {reply_in_words(late)}")
    require_rule(stayed, NO_ANSWER_AFTER_SUBMIT)


def _retake(setup: TrialSetup) -> TrialResult:
    """Submit an exam, sit and submit a second one of the same candidate, with other choices, and compare what is shown
    of the first one before and after."""
    with setup.candidate_in_exam() as first:
        for number in range(len(first.questions)):
            give_answer(first, number)
        submit_exam(first)
        before = read_state(first)
        with setup.candidate_in_exam() as second:
            if second.session_id == first.session_id:
                raise Unmeasurable("a candidate who has submitted an exam gets no second one")
            for number in range(len(second.questions)):
                give_answer(second, number, 1)
            submit_exam(second)
        return judge_unchanged(first, before, "a second exam of the same candidate")


def _answers_after_the_end(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        grace = setup.target.environment.platform.contract.grace_seconds
        _wait_for_the_end(candidate, grace)
        later = f" and {grace:g} s of grace" if grace else ""
        return _late_answers(setup, candidate, f"an answer after the end of the exam{later}")


def _kept_after_the_end(setup: TrialSetup) -> TrialResult:
    """Whether the answers given in time, at the start and shortly before the end, are shown and count. The platform may
    submit the exam itself, or accept a late submit."""
    _reviews_are_right(setup)
    with setup.candidate_in_exam() as candidate:
        acknowledged = _answer_until_the_end(candidate)
        places = [(send_until_clear(candidate.read), "a reload after the end")]
        candidate.submit()
        places.append((send_until_clear(candidate.review), "the review of an exam whose time has ended"))
        seen = [every_answer(candidate, reply, place) for reply, place in places if reply.accepted]
        if not seen:
            return TrialResult(None, f"an exam whose time has ended is not shown: {reply_in_words(places[-1][0])}")
        reviews = [as_earned(candidate, reply) for reply, _ in places[1:] if reply.accepted]
        late = f"{acknowledged} answers in the last {max(_LATE_IN_TIME):g} s of the exam were acknowledged"
        return worst_trial_result(*seen, *reviews, TrialResult(True if acknowledged else None, late))


def _wait_for_the_end(candidate: ProbeCandidate, grace_seconds: float = 0.0) -> None:
    """Open a short exam in the place of the candidate's exam, answer in it, and wait until its time and then the
    grace have ended. Raises Unmeasurable if one of the steps fails, or if the exam is not as short as was asked for."""
    left = _begin_short_exam(candidate, _SHORT_SECONDS)
    # The exam's clock may be wrong, so the whole time that was asked for is waited for in any case.
    time.sleep(max(left, _SHORT_SECONDS) + grace_seconds + _AFTER_SECONDS)


def _answer_until_the_end(candidate: ProbeCandidate) -> int:
    """Open a short exam in the place of the candidate's exam, answer in it at its start and several times shortly
    before its end, and wait for the end. Returns how many of the late answers were acknowledged. Raises Unmeasurable
    as `_wait_for_the_end` does."""
    left = _begin_short_exam(candidate, _WITH_LATE_ANSWERS_SECONDS)
    ends, acknowledged = time.monotonic() + left, 0
    for seconds, (number, choice) in zip(_LATE_IN_TIME, ((1, 1), (1, 0), (0, 1), (2, 0)), strict=True):
        time.sleep(max(0.0, ends - seconds - time.monotonic()))
        acknowledged += candidate.answer(number, choice).accepted
    time.sleep(max(0.0, ends - time.monotonic()) + _AFTER_SECONDS)
    return acknowledged


def _begin_short_exam(candidate: ProbeCandidate, seconds: int) -> float:
    """Open an exam of so many seconds in the place of the candidate's exam, and answer in it; returns the seconds that
    are left. Raises Unmeasurable if a step fails, or if the exam is not as short."""
    submit_exam(candidate)
    key = uuid.uuid4().hex
    require_accepted(lambda: candidate.open(key=key, seconds=seconds), "a short exam could not be opened")
    give_answer(candidate)
    left = until_end(require_accepted(candidate.read, "the exam could not be read"))
    if left is None:
        raise Unmeasurable("the platform shows neither the time left nor the end of the exam")
    if left > _LONGEST_WAIT_SECONDS:
        raise Unmeasurable(f"the short exam lasts {left:.0f} s more, and {seconds} s were asked for")
    return left


def _no_short_exam(contract: Contract) -> str | None:
    return None if contract.create_short is not None else "the contract has no operation `create_short`"


RULES = (
    Rule(
        NO_ANSWER_AFTER_SUBMIT,
        "A submitted exam takes no answer",
        NO_CORRUPTED_SESSIONS,
        _answers_after_submit,
    ),
    Rule(
        "exam-without-answers-can-be-submitted",
        "An exam without an answer can be submitted",
        EXAM_RULES,
        _blank,
    ),
    Rule(
        "reload-shows-the-submit",
        "A reload after the submit shows the exam as submitted",
        EXAM_RULES,
        _shown_as_submitted,
        needs_found("read", "status"),
    ),
    Rule(
        "further-submits-change-no-result",
        "Further submits of an exam change no result",
        NO_DUPLICATE_SUBMITS,
        _second_submit,
    ),
    Rule(
        "double-submit-has-one-result",
        "Two submits at once with one idempotency key have one result",
        NO_DUPLICATE_SUBMITS,
        partial(_two_submits, keyed=True),
        no_key,
    ),
    Rule(
        DOUBLE_SUBMIT_WITHOUT_KEY,
        "Two submits at once without an idempotency key have one result",
        NO_DUPLICATE_SUBMITS,
        partial(_two_submits, keyed=False),
    ),
    Rule(
        "answer-beside-the-submit-counts-or-is-refused",
        "An answer at the same moment as the submit counts, or is refused",
        NO_CORRUPTED_SESSIONS,
        _beside_submit,
        needs_found("review", "answers"),
    ),
    Rule(
        "answers-in-time-count-after-the-end",
        "What was answered in time is kept after the end of the exam",
        NO_CORRUPTED_SESSIONS,
        _kept_after_the_end,
        _no_short_exam,
    ),
    Rule(
        "second-exam-leaves-the-first-one-alone",
        "A second exam of a candidate changes nothing of the one that was submitted",
        NO_CORRUPTED_SESSIONS,
        _retake,
    ),
    Rule(
        "exam-takes-no-answer-after-its-end",
        "An exam takes no answer after its end",
        NO_CORRUPTED_SESSIONS,
        _answers_after_the_end,
        _no_short_exam,
    ),
)
