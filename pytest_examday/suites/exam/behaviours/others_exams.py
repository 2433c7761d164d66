"""An exam belongs to one candidate: the token of another one opens nothing."""

from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.behaviours.trier import Trier, answered, refused, submitted, was_read, worst

_GATE = "exam-rules"


def _read(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        return refused(trier.everywhere(trier.as_stranger(candidate).read), "reading the exam of another candidate")


def _answer(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        stranger, question = trier.as_stranger(candidate), candidate.questions[0]
        stranger.sequence += 1
        replies = trier.everywhere(lambda: stranger.repeat_answer(question["id"], question["choices"][1]))
        shown = refused(replies, "answering in the exam of another candidate")
        stored = candidate.stored(was_read(candidate))
        kept = stored == candidate.given
        told = f"after the answers of another candidate the exam holds {stored}, acknowledged was {candidate.given}"
        return worst(shown, Shown(kept, "the owner's answer stayed" if kept else told))


def _submit(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        shown = refused(
            trier.everywhere(trier.as_stranger(candidate).submit), "submitting the exam of another candidate"
        )
        after = candidate.answer(1)
        if after.accepted:
            return worst(shown, Shown(True, "the exam stayed open for its owner"))
        told = f"after the submits of another candidate the owner could not answer: {after}"
        return worst(shown, Shown(False if after.refused else None, told))


def _review(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        answered(candidate)
        submitted(candidate)
        return refused(trier.everywhere(trier.as_stranger(candidate).review), "reading the result of another candidate")


BEHAVIOURS = (
    Behaviour("others-cannot-read-an-exam", "Nobody reads the exam of another candidate", _GATE, _read),
    Behaviour("others-cannot-answer-an-exam", "Nobody answers in the exam of another candidate", _GATE, _answer),
    Behaviour("others-cannot-submit-an-exam", "Nobody submits the exam of another candidate", _GATE, _submit),
    Behaviour("others-cannot-read-a-result", "Nobody reads the result of another candidate", _GATE, _review),
)
