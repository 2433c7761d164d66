"""An exam belongs to one candidate: the token of another one opens nothing."""

import uuid
from dataclasses import replace

from pytest_examday.suites.exam.behaviours.behaviour import Behaviour, needs, no_key
from pytest_examday.suites.exam.behaviours.replies import (
    give_answer,
    is_definite_refusal,
    judge_refusals,
    judge_unchanged,
    read_state,
    require_accepted,
    send_until_clear,
    shows_something,
    submit_exam,
)
from pytest_examday.suites.exam.behaviours.shown import Shown, worst_shown
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.probe_candidate import in_words

_GATE = "exam-rules"


def _read(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        give_answer(candidate)
        tries = trier.everywhere(trier.as_stranger(candidate).read)
        return judge_refusals(tries, "reading the exam of another candidate", shows_something)


def _answer(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        give_answer(candidate)
        stranger, question = trier.as_stranger(candidate), candidate.questions[0]
        stranger.sequence += 1
        before = read_state(candidate)
        tries = trier.everywhere(lambda: stranger.send_answer(question["id"], question["choices"][1]))
        what = "answering in the exam of another candidate"
        shown = judge_refusals(tries, what)
        return worst_shown(shown, judge_unchanged(candidate, before, what))


def _submit(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        give_answer(candidate)
        tries = trier.everywhere(trier.as_stranger(candidate).submit)
        shown = judge_refusals(tries, "submitting the exam of another candidate")
        after = send_until_clear(lambda: candidate.answer(1))
        if after.accepted:
            return worst_shown(shown, Shown(True, "the exam stayed open for its owner"))
        told = f"after the submits of another candidate the owner could not answer: {in_words(after)}"
        return worst_shown(shown, Shown(False if is_definite_refusal(after) else None, told))


def _review(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        give_answer(candidate)
        submit_exam(candidate)
        tries = trier.everywhere(trier.as_stranger(candidate).review)
        return judge_refusals(tries, "reading the result of another candidate", shows_something)


def _key(trier: Trier) -> Shown:
    """A key names a start of one candidate. Another candidate who sends it must not get that candidate's exam; a
    refusal is right too."""
    key = uuid.uuid4().hex
    with trier.exam() as candidate:
        submit_exam(candidate)
        require_accepted(lambda: candidate.open(key=key), "an exam could not be opened")
        stranger = trier.as_stranger(candidate)
        tries = trier.everywhere(lambda: replace(stranger).open(key=key))
        told = [str(reply.find("session_id")) for reply in tries if reply.accepted]
        if str(candidate.session_id) in told:
            return Shown(False, f"a start with the key of another candidate opened their exam {candidate.session_id}")
        unclear = [reply for reply in tries if not (reply.accepted or reply.refused)]
        if unclear:
            return Shown(None, f"a start with the key of another candidate got no clear answer: {in_words(unclear[0])}")
        return Shown(True, "starts with the key of another candidate did not open their exam")


BEHAVIOURS = (
    Behaviour(
        "key-of-another-candidate-opens-no-exam-of-theirs",
        "Nobody opens the exam of another candidate with its idempotency key",
        _GATE,
        _key,
        no_key,
    ),
    Behaviour("others-cannot-read-an-exam", "Nobody reads the exam of another candidate", _GATE, _read),
    Behaviour("others-cannot-answer-an-exam", "Nobody answers in the exam of another candidate", _GATE, _answer),
    Behaviour("others-cannot-submit-an-exam", "Nobody submits the exam of another candidate", _GATE, _submit),
    Behaviour(
        "others-cannot-read-a-result", "Nobody reads the result of another candidate", _GATE, _review, needs("review")
    ),
)
