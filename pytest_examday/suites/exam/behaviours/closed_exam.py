"""What is over stays as it is: a submitted exam, and one whose time has ended."""

import time

from pytest_examday.contract.operations import Contract
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.behaviours.trier import Trier, answered, done, refused, submitted, worst
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate

_SHORT_SECONDS = 2
_AFTER_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 15.0


def _answers_after_submit(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        submitted(candidate)
        shown = _late_answers(trier, candidate, "an answer after the submit")
        review = candidate.review()
        return worst(shown, _unchanged(candidate, candidate.stored(review) if review.accepted else None))


def _late_answers(trier: Trier, candidate: ProbeCandidate, what: str) -> Shown:
    """Answer again with another choice and a new sequence number, so that only the end of the exam speaks against
    it."""
    question = candidate.questions[0]
    candidate.sequence += 1
    return refused(trier.everywhere(lambda: candidate.repeat_answer(question["id"], question["choices"][1])), what)


def _unchanged(candidate: ProbeCandidate, stored: dict[str, str] | None) -> Shown:
    """Show whether the answers are those from before the end. Refused in words and stored in fact is not refused."""
    if stored is None:
        return Shown(True, "the platform shows no answers of an exam that is over")
    if stored == candidate.given:
        return Shown(True, "the stored answers stayed as they were")
    return Shown(False, f"the answers changed after the end of the exam: {stored}, acknowledged was {candidate.given}")


def _second_submit(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        first = submitted(candidate)
        again = [reply for reply in trier.everywhere(candidate.submit) if reply.accepted]
        results = {str(reply.find("score")) for reply in (first, *again)}
        if len(results) > 1:
            return Shown(False, f"submits of one exam gave different results: {', '.join(sorted(results))}")
        return Shown(True, f"{len(again)} further submits were accepted and gave the same result")


def _answers_after_the_end(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        # The short exam takes the place of the one that was opened; both belong to the same candidate.
        submitted(candidate)
        done(lambda: candidate.open(seconds=_SHORT_SECONDS), "a short exam could not be opened")
        answered(candidate)
        began = time.monotonic()
        left = candidate.read().find("remaining")
        wait = float(_SHORT_SECONDS if left is None else left) + _AFTER_SECONDS
        if wait > _LONGEST_WAIT_SECONDS:
            return Shown(None, f"the short exam lasts {wait:.0f} s, and {_SHORT_SECONDS} s were asked for")
        time.sleep(max(0.0, wait - (time.monotonic() - began)))
        shown = _late_answers(trier, candidate, "an answer after the end of the exam")
        read = candidate.read()
        return worst(shown, _unchanged(candidate, candidate.stored(read) if read.accepted else None))


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
