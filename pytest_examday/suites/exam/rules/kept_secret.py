"""No reply before the submit reveals which choices are right."""

from collections.abc import Iterator
from typing import Any

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs_found
from pytest_examday.suites.exam.rules.trials.answers_shown import right_choices
from pytest_examday.suites.exam.rules.trials.send_calls import require_accepted, submit_exam
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_EXAMS = 2
"""The number of exams that are compared: a field may hold all right choices of one exam by chance, but not of two."""


def _right_choices_hidden(setup: TrialSetup) -> TrialResult:
    """Open, answer and read an exam, and look in the replies for the right choices that its review tells after the
    submit."""
    revealing: dict[str, set[str]] = {}
    for number in range(_EXAMS):
        with setup.candidate_in_exam() as candidate:
            answers = [
                (candidate.questions[position]["id"], _answered(candidate, position))
                for position in range(len(candidate.questions))
            ]
            pages = {"the page of an open exam": require_accepted(candidate.read, "the exam could not be read")}
            if candidate.opened is not None:
                pages["the reply to a start"] = candidate.opened
            submit_exam(candidate)
            right = right_choices(require_accepted(candidate.review, "the review could not be read"))
        if not right:
            return TrialResult(None, "the review shows no right choices to look for")
        found = {place: _revealing_fields(page, candidate, right) for place, page in pages.items()}
        found["the reply to an answer"] = _fields_of_answers(answers, right)
        revealing = {place: fields if not number else revealing[place] & fields for place, fields in found.items()}
    wrong = [
        f"{place} shows the right choices in {', '.join(sorted(fields))}"
        for place, fields in revealing.items()
        if fields
    ]
    if wrong:
        return TrialResult(False, "; ".join(wrong))
    return TrialResult(
        True, f"the pages of {_EXAMS} open exams and the replies to their answers showed no right choices"
    )


def _answered(candidate: ProbeCandidate, number: int) -> Reply:
    return require_accepted(lambda: candidate.answer(number, number % 2), "an answer was not accepted")


def _fields_of_answers(answers: list[tuple[str, Reply]], right: dict[str, str]) -> set[str]:
    """The fields of the replies to answers that hold the right choice of every question that was answered."""
    fields = [
        {name for entry in _entries(reply.body) for name in _fields_with(entry, right[question])}
        for question, reply in answers
        if question in right
    ]
    return set.intersection(*fields) if fields else set()


def _entries(body: Any) -> Iterator[dict[str, Any]]:
    """All objects in the body of a reply."""
    if isinstance(body, dict):
        yield body
    for value in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _entries(value)


def _revealing_fields(page: Reply, candidate: ProbeCandidate, right: dict[str, str]) -> set[str]:
    """The fields of the page that hold the right choice of every question, or mark it among the choices."""
    questions = [question["id"] for question in candidate.questions if question["id"] in right]
    entries = {question: list(_entries_of(question, page.body)) for question in questions}
    fields = [
        {name for entry in entries[question_id] for name in _fields_with(entry, right[question_id])}
        for question_id in questions
    ]
    return set.intersection(*fields) if fields else set()


def _entries_of(question: str, body: Any) -> Iterator[dict[str, Any]]:
    """All objects of the page that hold the id of the question."""
    for entry in _entries(body):
        if any(str(value) == question for value in entry.values() if isinstance(value, str | int)):
            yield entry


def _fields_with(entry: dict[str, Any], right: str) -> Iterator[str]:
    """The names of the fields of a question that hold its right choice, or mark it as the only one among several."""
    for name, value in entry.items():
        if isinstance(value, str | int) and str(value) == right:
            yield name
        choices = [choice for choice in value if isinstance(choice, dict)] if isinstance(value, list) else []
        for mark in {mark for choice in choices for mark in choice}:
            marked = [choice for choice in choices if choice.get(mark) is True]
            if len(choices) > 1 and len(marked) == 1 and right in map(str, marked[0].values()):
                yield f"{name}.{mark}"


RULES = (
    Rule(
        "open-exam-tells-no-right-choices",
        "The page of an open exam does not show the right choices",
        EXAM_RULES,
        _right_choices_hidden,
        needs_found("review", "correct"),
    ),
)
