"""What is over stays as it is: a submitted exam, and one whose time has ended."""

import time
import uuid

from pytest_examday.contract.operations import Contract
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.moments import until_end
from pytest_examday.suites.exam.behaviours.replies import answered, comparable, done, refused, submitted, told_of
from pytest_examday.suites.exam.behaviours.shown import Shown, unchanged, worst
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate

_SHORT_SECONDS = 2
_AFTER_SECONDS = 1.0
"""The end may be told in whole seconds."""
_LONGEST_WAIT_SECONDS = 15.0


def _answers_after_submit(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        submitted(candidate)
        return _late_answers(trier, candidate, "an answer after the submit")


def _late_answers(trier: Trier, candidate: ProbeCandidate, what: str) -> Shown:
    """Answer again with another choice and a new sequence number, so that only the end of the exam speaks against it,
    and compare what the platform tells of the exam before and after."""
    question = candidate.questions[0]
    candidate.sequence += 1
    before = told_of(candidate)
    tries = trier.everywhere(lambda: candidate.repeat_answer(question["id"], question["choices"][1]))
    return worst(refused(tries, what), unchanged(before, told_of(candidate), what))


def _second_submit(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        first = submitted(candidate)
        before = told_of(candidate)
        again = trier.everywhere(candidate.submit)
        accepted = [reply for reply in again if reply.accepted]
        found = [reply.find("score") for reply in (first, *accepted)]
        scores = {comparable(score) for score in found if score is not None}
        if len(scores) > 1:
            told = ", ".join(sorted(map(str, scores)))
            return Shown(False, f"submits of one exam gave different results: {told}")
        if not any(reply.accepted or reply.refused for reply in again):
            return Shown(None, f"further submits got no clear answer: {again[0]}")
        same = Shown(True, f"{len(accepted)} of {len(again)} further submits were accepted and gave the same result")
        return worst(same, unchanged(before, told_of(candidate), "further submits"))


def _answers_after_the_end(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        # The short exam takes the place of the one that was opened; both belong to the same candidate.
        submitted(candidate)
        key = uuid.uuid4().hex
        done(lambda: candidate.open(key=key, seconds=_SHORT_SECONDS), "a short exam could not be opened")
        answered(candidate)
        read = done(candidate.read, "the exam could not be read")
        left = until_end(read)
        if left is None:
            return Shown(None, "the platform tells neither the time left nor the end of the exam")
        if left > _LONGEST_WAIT_SECONDS:
            return Shown(None, f"the short exam lasts {left:.0f} s more, and {_SHORT_SECONDS} s were asked for")
        # A clock that is wrong ends no exam, so the time that was asked for is waited for in any case.
        time.sleep(max(left, _SHORT_SECONDS) + _AFTER_SECONDS)
        return _late_answers(trier, candidate, "an answer after the end of the exam")


def _no_short_exam(contract: Contract) -> str | None:
    return None if contract.create_short is not None else "the contract has no operation `create_short`"


BEHAVIOURS = (
    Behaviour(
        "submitted-exam-takes-no-answer",
        "A submitted exam takes no answer",
        "no-corrupted-sessions",
        _answers_after_submit,
    ),
    Behaviour(
        "further-submits-change-no-result",
        "Further submits of an exam change no result",
        "no-duplicate-submits",
        _second_submit,
    ),
    Behaviour(
        "exam-takes-no-answer-after-its-end",
        "An exam takes no answer after its end",
        "no-corrupted-sessions",
        _answers_after_the_end,
        _no_short_exam,
    ),
)
