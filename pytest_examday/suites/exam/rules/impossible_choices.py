"""An answer with a choice that the question does not have is refused, or kept as it was acknowledged."""

import uuid
from collections.abc import Sequence
from typing import Any

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words, with_words
from pytest_examday.suites.exam.gates import NO_CORRUPTED_SESSIONS
from pytest_examday.suites.exam.rules.rule import Rule, needs_found
from pytest_examday.suites.exam.rules.trials.exam_state import judge_unchanged, read_state
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer, require_accepted
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_UUID_LENGTH = 36


def _no_such_choice(setup: TrialSetup) -> TrialResult:
    """Answer a question, and then again with a choice that it does not have. If that is refused in any way, also by an
    error of the server, the answer has to stay; if it is acknowledged, a reload has to show it."""
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        question = candidate.questions[0]
        value, before = absent_choice(question["choices"]), read_state(candidate)
        candidate.sequence += 1
        tries = setup.once_at_every_worker(lambda: candidate.send_answer(question["id"], value))
        what = f"an answer with the choice {value!r}, which the question does not have,"
        acknowledged = [reply for reply in tries if reply.accepted and not _says_otherwise(reply, value)]
        if acknowledged:
            return _kept(candidate, value, acknowledged[0], what)
        unchanged = judge_unchanged(candidate, before, what)
        refused = TrialResult(True, f"{what} was not accepted in {len(tries)} tries: {reply_in_words(tries[0])}")
        return worst_trial_result(unchanged, refused)


def _says_otherwise(reply: Reply, value: Any) -> bool:
    """Whether the reply tells that another value is saved than the one that was sent: that acknowledges nothing."""
    saved = reply.find("saved")
    return isinstance(saved, str | int | float) and not isinstance(saved, bool) and str(saved) != str(value)


def _kept(candidate: ProbeCandidate, value: Any, acknowledged: Reply, what: str) -> TrialResult:
    """Whether a reload shows the answer that was acknowledged."""
    question = candidate.questions[0]["id"]
    candidate.given[question] = str(value)
    page = require_accepted(candidate.read, "the exam could not be read")
    shown = candidate.shown(page)
    if shown is None:
        return TrialResult(None, f"a reload shows no answers: {with_words(page)}")
    if shown.get(question) != str(value):
        message = f"was acknowledged ({acknowledged}), and a reload shows {shown.get(question, 'nothing')}"
        return TrialResult(False, f"{what} {message}")
    return TrialResult(True, f"{what} was acknowledged and is shown")


def absent_choice(choices: Sequence[Any]) -> Any:
    """A value of the kind of the choices (numbers, letters, UUIDs, texts) that is none of them."""
    numbers = [choice for choice in choices if isinstance(choice, int | float)]
    if len(numbers) == len(choices):
        return int(max(numbers)) + 1
    texts = [str(choice) for choice in choices]
    if all(text.isdecimal() for text in texts):
        return str(max(map(int, texts)) + 1)
    if all(len(text) == _UUID_LENGTH and text.count("-") == 4 for text in texts):
        return str(uuid.uuid4())
    length = len(texts[0])
    return next(text for letter in "ZYXWzyxw0123456789" if (text := letter * length) not in texts)


RULES = (
    Rule(
        "choice-that-does-not-exist-is-refused",
        "A choice that a question does not have is refused, or kept as acknowledged",
        NO_CORRUPTED_SESSIONS,
        _no_such_choice,
        needs_found("read", "answers"),
    ),
)
