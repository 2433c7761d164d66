"""An exam stays the same: a repeated start opens no second exam, and a reload shows the exam as it was."""

import uuid
from dataclasses import replace
from functools import partial
from typing import Any

from pytest_examday.contract.contract import Contract
from pytest_examday.suites.exam.candidates.probe_candidate import (
    ProbeCandidate,
    questions_shown_in,
    reply_in_words,
    with_words,
)
from pytest_examday.suites.exam.gates import EXAM_RULES, NO_CORRUPTED_SESSIONS
from pytest_examday.suites.exam.rules.rule import Rule, needs_found, no_key
from pytest_examday.suites.exam.rules.trials.answers_shown import every_answer
from pytest_examday.suites.exam.rules.trials.judge_replies import comparable, shows_something
from pytest_examday.suites.exam.rules.trials.open_exam import answerable
from pytest_examday.suites.exam.rules.trials.send_calls import (
    give_answer,
    require_accepted,
    send_until_clear,
    submit_exam,
)
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, require_rule, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

ONE_KEY_OPENS_ONE = "one-key-opens-one-exam"
REVIEW_SHOWS_ANSWERS = "review-shows-the-answers-that-were-given"
_RELOAD_SHOWS_ANSWERS = "reload-shows-every-answer"
"""Keys of rules that other trials may find broken."""


def _one_key(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        submit_exam(candidate)
        key = uuid.uuid4().hex
        first = require_accepted(lambda: candidate.open(key=key), "an exam could not be opened")
        tries = setup.on_every_worker(lambda: ProbeCandidate(setup.target, candidate.login).open(key=key))
        return one_session([first, *tries], "starts with one key")


def _double_click(setup: TrialSetup) -> TrialResult:
    """Start several exams, each by two clicks at the same moment. One exam alone might miss a race."""
    with setup.candidate_in_exam() as candidate:
        submit_exam(candidate)
        shown = TrialResult(None, "no exam was opened")
        for _ in range(setup.pairs):
            key = uuid.uuid4().hex
            clicks = [ProbeCandidate(setup.target, candidate.login) for _ in range(2)]
            shown = one_session(
                setup.at_once([partial(click.open, key=key) for click in clicks]),
                "two clicks on start at the same moment",
            )
            opened = next((click for click in clicks if click.session_id is not None), None)
            if not shown.held or opened is None:
                return shown
            candidate.session_id = opened.session_id
            submit_exam(candidate)
        return shown


def one_session(tries: list[Reply], what: str, known: str | None = None) -> TrialResult:
    """Whether all starts that were accepted opened one exam: the known one if it is given."""
    session_ids = (reply.find("session_id") for reply in tries if reply.accepted)
    sessions = {str(session) for session in session_ids if session is not None}
    if not sessions:
        return TrialResult(None, f"{what} opened no exam: {reply_in_words(tries[0])}")
    sessions |= set() if known is None else {known}
    if len(sessions) > 1:
        return TrialResult(False, f"{what} opened {len(sessions)} exams: {', '.join(sorted(sessions))}")
    return TrialResult(True, f"{what} opened one exam ({len(tries)} requests)")


def _questions(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        return worst_trial_result(
            *(_same_questions(candidate, reply) for reply in setup.on_every_worker(candidate.read))
        )


def _same_questions(candidate: ProbeCandidate, reply: Reply) -> TrialResult:
    if not (reply.accepted and shows_something(reply)):
        return TrialResult(None, f"a reload shows no exam: {with_words(reply)}")
    questions, wording = questions_shown_in(reply), reply.find("wording")
    if questions is None:
        return TrialResult(None, f"a reload shows no questions: {reply_in_words(reply)}")
    shown = answerable(questions)
    if shown != candidate.questions:
        difference = _first_difference(candidate.questions, shown)
        return TrialResult(False, f"a reload shows other questions or choices: {difference}")
    if None not in (wording, candidate.wording) and wording != candidate.wording:
        difference = _first_difference(candidate.wording, wording)
        return TrialResult(False, f"a reload shows other words for the questions or choices: {difference}")
    return TrialResult(True, f"reloads showed the same {len(shown)} questions and choices")


def _first_difference(begun: Any, shown: Any) -> str:
    if not (isinstance(begun, list) and isinstance(shown, list) and len(begun) == len(shown)):
        return f"{_count(shown)}, at the start {_count(begun)}"
    number, (old, new) = next(pair for pair in enumerate(zip(begun, shown, strict=True), 1) if pair[1][0] != pair[1][1])
    return f"question {number} is {new}, at the start {old}"


def _count(questions: Any) -> str:
    return f"{len(questions)} questions" if isinstance(questions, list) else "no list of questions"


def _answers(setup: TrialSetup) -> TrialResult:
    """Read before an answer is changed and afterwards, so that a stale cache is found."""
    with setup.candidate_in_exam() as candidate:
        for number in range(2):
            give_answer(candidate, number, number)
        before = _reloads(setup, candidate)
        give_answer(candidate, 0, 1)
        return worst_trial_result(before, _reloads(setup, candidate))


def _review(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        for number in range(2):
            give_answer(candidate, number, 1 - number)
        result = submit_exam(candidate).find("score")
        return worst_trial_result(
            *(reviewed(candidate, reply, result) for reply in setup.on_every_worker(candidate.review))
        )


def reviewed(candidate: ProbeCandidate, reply: Reply, result: object) -> TrialResult:
    """Whether a review shows the answers that were acknowledged and the result of the submit."""
    shown, score = every_answer(candidate, reply, "the review"), reply.find("score")
    if shown.held and None not in (score, result) and comparable(score) != comparable(result):
        return TrialResult(False, f"the review shows the score {score}, the submit gave {result}")
    return shown


def _at_once(setup: TrialSetup) -> TrialResult:
    """Send several pairs of answers to different questions at the same moment: a platform that saves the whole exam
    each time may overwrite one answer with the other."""
    with setup.candidate_in_exam() as candidate:
        _shown_before(setup, candidate)
        for turn in range(setup.pairs):
            senders = [replace(candidate, sequence=candidate.sequence + number) for number in range(2)]
            candidate.sequence += 2
            calls = [partial(sender.answer, number, turn % 2) for number, sender in enumerate(senders)]
            replies = setup.at_once(calls)
            if all(not reply.accepted for reply in replies):
                return TrialResult(
                    None, f"of two answers at the same moment none was accepted: {reply_in_words(replies[0])}"
                )
            if unclear := [reply for reply in replies if not (reply.accepted or reply.refused)]:
                return TrialResult(
                    None, f"an answer beside another one got no clear reply: {reply_in_words(unclear[0])}"
                )
            shown = _reloads(setup, candidate)
            if not shown.held:
                return TrialResult(shown.held, f"after two answers at the same moment {shown.detail}")
        return TrialResult(True, f"{setup.pairs} pairs of answers at the same moment are shown")


def _shown_before(setup: TrialSetup, candidate: ProbeCandidate) -> None:
    """Answer two questions, one after the other, and reload. Raises BrokenRule if reloads are wrong without any
    race."""
    for number in range(2):
        give_answer(candidate, number)
    require_rule(_reloads(setup, candidate), _RELOAD_SHOWS_ANSWERS)


def _reloads(setup: TrialSetup, candidate: ProbeCandidate) -> TrialResult:
    """Whether every worker shows exactly the answers that were acknowledged."""
    return worst_trial_result(
        *(every_answer(candidate, reply, "a reload") for reply in setup.on_every_worker(candidate.read))
    )


def _older(setup: TrialSetup) -> TrialResult:
    """Send an older answer after a newer one, as if it had been delayed on its way. It may be refused or not; the newer
    answer must stay."""
    with setup.candidate_in_exam() as candidate:
        _shown_before(setup, candidate)
        question = candidate.questions[0]
        older = replace(candidate, sequence=candidate.sequence + 1, versions=candidate.versions.copy())
        candidate.sequence += 1
        give_answer(candidate, 0, 1)
        setup.on_every_worker(lambda: older.send_answer(question["id"], question["choices"][0]))
        shown = _reloads(setup, candidate)
        return shown if shown.held else TrialResult(shown.held, f"after an older answer came late {shown.detail}")


def _same_number(setup: TrialSetup) -> TrialResult:
    """Send another choice with the sequence number or version of the stored answer, as a second tab of the exam does
    that knows nothing of the first one. It may be refused; what is acknowledged must be shown."""
    with setup.candidate_in_exam() as candidate:
        _shown_before(setup, candidate)
        question = candidate.questions[0]
        candidate.sequence += 1
        second_tab = replace(candidate, versions=candidate.versions.copy())
        other = question["choices"][1]
        require_accepted(lambda: candidate.send_answer(question["id"], question["choices"][0]), "an answer was refused")
        reply = send_until_clear(lambda: second_tab.send_answer(question["id"], other))
        says = reply.find("saved")
        if reply.accepted and (says is None or str(says) == str(other)):
            candidate.given[question["id"]] = str(other)
        shown = _reloads(setup, candidate)
        told = "was acknowledged" if reply.accepted else "was not"
        message = f"another choice with the sequence number of the stored answer {told} ({reply}); "
        return TrialResult(shown.held, f"{message}{shown.detail}")


def _taken_back(setup: TrialSetup) -> TrialResult:
    """Reloads were right after answers and after a changed answer. So a reload that is wrong now is wrong about the
    blank."""
    with setup.candidate_in_exam() as candidate:
        _shown_before(setup, candidate)
        give_answer(candidate, 0, 1)
        require_rule(_reloads(setup, candidate), _RELOAD_SHOWS_ANSWERS)
        require_accepted(candidate.clear, "an answer could not be taken back")
        shown = _reloads(setup, candidate)
        return TrialResult(shown.held, f"after an answer was taken back {shown.detail}")


def _no_clear(contract: Contract) -> str | None:
    return contract.lacking("clear") or needs_found("read", "answers")(contract)


def _no_sequence(contract: Contract) -> str | None:
    if not (contract.answer.sends("sequence") or contract.answer.sends("version")):
        return "the contract sends neither `{sequence}` nor `{version}` with `answer`"
    return needs_found("read", "answers")(contract)


RULES = (
    Rule(ONE_KEY_OPENS_ONE, "One idempotency key opens one exam", NO_CORRUPTED_SESSIONS, _one_key, no_key),
    Rule(
        "double-click-opens-one-exam",
        "Two clicks on start at once open one exam",
        NO_CORRUPTED_SESSIONS,
        _double_click,
        no_key,
    ),
    Rule(
        "reload-shows-the-same-questions",
        "A reload shows the same questions and choices",
        NO_CORRUPTED_SESSIONS,
        _questions,
        needs_found("read", "questions"),
    ),
    Rule(
        _RELOAD_SHOWS_ANSWERS,
        "A reload shows every acknowledged answer",
        EXAM_RULES,
        _answers,
        needs_found("read", "answers"),
    ),
    Rule(
        "answers-at-once-are-both-kept",
        "Answers to two questions at the same moment are both kept",
        NO_CORRUPTED_SESSIONS,
        _at_once,
        needs_found("read", "answers"),
    ),
    Rule(
        "older-answer-does-not-replace-a-newer-one",
        "An older answer that comes late does not replace a newer one",
        NO_CORRUPTED_SESSIONS,
        _older,
        _no_sequence,
    ),
    Rule(
        "answers-of-two-tabs-are-kept-or-refused",
        "Another choice with the number of the stored answer is kept or refused",
        NO_CORRUPTED_SESSIONS,
        _same_number,
        _no_sequence,
    ),
    Rule(
        "answer-can-be-taken-back",
        "An answer that was taken back is blank",
        NO_CORRUPTED_SESSIONS,
        _taken_back,
        _no_clear,
    ),
    Rule(
        REVIEW_SHOWS_ANSWERS,
        "The review shows the answers that were given, and the score of the submit",
        EXAM_RULES,
        _review,
        needs_found("review", "answers"),
    ),
)
