"""An exam belongs to one candidate: the token of another one opens nothing."""

from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.replies import (
    answered,
    refused,
    settled,
    shows_something,
    submitted,
    told_of,
    turned_away,
    unchanged,
)
from pytest_examday.suites.exam.behaviours.shown import Shown, worst
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.probe_candidate import in_words

_GATE = "exam-rules"


def _read(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        tries = trier.everywhere(trier.as_stranger(candidate).read)
        return refused(tries, "reading the exam of another candidate", shows_something)


def _answer(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        stranger, question = trier.as_stranger(candidate), candidate.questions[0]
        stranger.sequence += 1
        before = told_of(candidate)
        tries = trier.everywhere(lambda: stranger.repeat_answer(question["id"], question["choices"][1]))
        shown = refused(tries, what := "answering in the exam of another candidate")
        return worst(shown, unchanged(candidate, before, what))


def _submit(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        tries = trier.everywhere(trier.as_stranger(candidate).submit)
        shown = refused(tries, "submitting the exam of another candidate")
        after = settled(lambda: candidate.answer(1))
        if after.accepted:
            return worst(shown, Shown(True, "the exam stayed open for its owner"))
        told = f"after the submits of another candidate the owner could not answer: {in_words(after)}"
        return worst(shown, Shown(False if turned_away(after) else None, told))


def _review(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        submitted(candidate)
        tries = trier.everywhere(trier.as_stranger(candidate).review)
        return refused(tries, "reading the result of another candidate", shows_something)


BEHAVIOURS = (
    Behaviour("others-cannot-read-an-exam", "Nobody reads the exam of another candidate", _GATE, _read),
    Behaviour("others-cannot-answer-an-exam", "Nobody answers in the exam of another candidate", _GATE, _answer),
    Behaviour("others-cannot-submit-an-exam", "Nobody submits the exam of another candidate", _GATE, _submit),
    Behaviour("others-cannot-read-a-result", "Nobody reads the result of another candidate", _GATE, _review),
)
