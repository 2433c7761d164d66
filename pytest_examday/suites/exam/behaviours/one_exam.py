"""An exam stays the same one: starts that are repeated open one exam, and a reload shows it as it was."""

import uuid
from collections.abc import Callable, Sequence
from functools import partial

from pytest_examday.contract.operations import Contract
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.behaviours.trier import Trier, answered, done, submitted
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate
from pytest_examday.target.api import Reply

_CORRUPTED, _RULES = "no-corrupted-sessions", "exam-rules"
_PAIRS = 5


def _one_key(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        submitted(candidate)
        key = uuid.uuid4().hex
        first = done(lambda: candidate.open(key=key), "an exam could not be opened")
        replies = trier.everywhere(lambda: ProbeCandidate(trier.target, candidate.login).open(key=key))
        return _one_session([first, *replies], "starts with one key, one after the other,")


def _double_click(trier: Trier) -> Shown:
    """Several pairs, because a race shows itself now and then. Each pair is one start, clicked twice at once."""
    with trier.exam() as candidate:
        submitted(candidate)
        shown = Shown(None, "no exam was opened")
        for _ in range(_PAIRS):
            key = uuid.uuid4().hex
            clicks = [ProbeCandidate(trier.target, candidate.login) for _ in range(2)]
            shown = _one_session(
                trier.together([partial(click.open, key=key) for click in clicks]),
                "two clicks on start at the same moment",
            )
            opened = next((click for click in clicks if click.session_id is not None), None)
            if not shown.held or opened is None:
                return shown
            candidate.session_id = opened.session_id
            submitted(candidate)
        return shown


def _one_session(replies: list[Reply], what: str) -> Shown:
    sessions = {str(reply.find("session_id")) for reply in replies if reply.accepted}
    if not sessions:
        return Shown(None, f"{what} opened no exam: {replies[0]}")
    if len(sessions) > 1:
        return Shown(False, f"{what} opened {len(sessions)} exams: {', '.join(sorted(sessions))}")
    return Shown(True, f"{what} opened one exam ({len(replies)} requests)")


def _questions(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        begun = candidate.questions
        answered(candidate)
        for reply in trier.everywhere(candidate.read):
            if not reply.accepted:
                return Shown(None, f"the exam could not be read: {reply}")
            shown = reply.find("questions")
            if not shown:
                return Shown(None, "a reload tells no questions")
            if shown != begun:
                return Shown(False, f"a reload shows other questions or choices: {_first_difference(begun, shown)}")
        return Shown(True, f"{len(begun)} questions and their choices were the same in {trier.tries} reloads")


def _first_difference(begun: Sequence[object], shown: Sequence[object]) -> str:
    if len(begun) != len(shown):
        return f"{len(shown)} questions, at the start {len(begun)}"
    number, (old, new) = next(pair for pair in enumerate(zip(begun, shown, strict=True), 1) if pair[1][0] != pair[1][1])
    return f"question {number} is {new}, at the start {old}"


def _answers(trier: Trier) -> Shown:
    """Change an answer, so that an old state cannot be taken for the new one."""
    with trier.exam() as candidate:
        for number, choice in ((0, 0), (1, 1), (0, 1)):
            answered(candidate, number, choice)
        for reply in trier.everywhere(candidate.read):
            if not reply.accepted:
                return Shown(False if reply.refused else None, f"a reload shows nothing: {reply}")
            if (stored := candidate.stored(reply)) != candidate.given:
                return Shown(False, f"a reload shows {stored}, acknowledged was {candidate.given}")
        return Shown(True, f"{len(candidate.given)} answers, one of them changed, were shown by {trier.tries} reloads")


def _review(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        for number, choice in ((0, 1), (1, 0)):
            answered(candidate, number, choice)
        result = submitted(candidate).find("score")
        for reply in trier.everywhere(candidate.review):
            if not reply.accepted:
                return Shown(False if reply.refused else None, f"the review is not shown: {reply}")
            if (stored := candidate.stored(reply)) != candidate.given:
                return Shown(False, f"the review shows {stored}, acknowledged was {candidate.given}")
            if (score := reply.find("score")) != result:
                return Shown(False, f"the review shows the score {score}, the submit gave {result}")
        return Shown(True, f"answers and score were right in {trier.tries} reviews")


def _no_key(contract: Contract) -> str | None:
    return None if contract.idempotency_header is not None else "the contract has no idempotency header"


def _no_answers_in(operation: str, name: str) -> Callable[[Contract], str | None]:
    def lacks(contract: Contract) -> str | None:
        finds = getattr(contract, operation).finds
        return None if name in finds else f"the contract does not say where `{operation}` shows the {name}"

    return lacks


BEHAVIOURS = (
    Behaviour("one-key-opens-one-exam", "One idempotency key opens one exam", _CORRUPTED, _one_key, _no_key),
    Behaviour(
        "double-click-opens-one-exam", "Two clicks on start at once open one exam", _CORRUPTED, _double_click, _no_key
    ),
    Behaviour(
        "reload-shows-the-same-questions",
        "A reload shows the same questions and choices",
        _CORRUPTED,
        _questions,
        _no_answers_in("read", "questions"),
    ),
    Behaviour(
        "reload-shows-every-answer",
        "A reload shows every acknowledged answer",
        _RULES,
        _answers,
        _no_answers_in("read", "answers"),
    ),
    Behaviour(
        "review-shows-the-answers-that-were-given",
        "The review shows the answers that were given, and the score of the submit",
        _RULES,
        _review,
        _no_answers_in("review", "answers"),
    ),
)
