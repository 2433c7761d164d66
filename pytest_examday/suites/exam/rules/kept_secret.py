"""No reply before the submit reveals which choices are right."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs_found
from pytest_examday.suites.exam.rules.trials.answers_shown import right_choices
from pytest_examday.suites.exam.rules.trials.send_calls import require_accepted, submit_exam
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_LEAST_ROW = 4
"""So many right choices in a row may stand in a text by chance, but hardly in those of two exams."""
_NOT_FOR_CANDIDATES = ("content-length", "age")
"""Headers with numbers that say nothing of an exam. The length of a page depends on the choice that it shows."""
_SEPARATORS = ("", ",", ", ", ";", " ", "-", "|")
_EXAMS = 2
"""The number of exams that are compared: a field may hold all right choices of one exam by chance, but not of two."""


def _right_choices_hidden(setup: TrialSetup) -> TrialResult:
    """Open, answer and read an exam, ask for its review, and look in bodies and headers of the replies for the right
    choices that the review tells after the submit."""
    revealing: dict[str, set[str]] = {}
    for number in range(_EXAMS):
        with setup.candidate_in_exam() as candidate:
            answers = [
                (candidate.questions[position]["id"], _answered(candidate, position, position % 2))
                for position in range(len(candidate.questions))
            ]
            pages = {"the page of an open exam": require_accepted(candidate.read, "the exam could not be read")}
            if candidate.opened is not None:
                pages["the reply to a start"] = candidate.opened
            pages["the review of an open exam"] = candidate.review()
            figures = _figures_by_choice(candidate)
            submit_exam(candidate)
            right = right_choices(candidate, require_accepted(candidate.review, "the review could not be read"))
        if not right:
            return TrialResult(None, "the review shows no right choices to look for")
        found = {place: _revealing_fields(page, candidate, right) for place, page in pages.items() if page.accepted}
        found["the reply to an answer"] = _fields_of_answers(answers, right)
        first = right.get(candidate.questions[0]["id"])
        found |= {f"{place}, as the answer changes,": _higher_for(first, told) for place, told in figures.items()}
        revealing = {
            place: fields if not number else revealing.get(place, set()) & fields for place, fields in found.items()
        }
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


def _answered(candidate: ProbeCandidate, number: int, choice: int) -> Reply:
    return require_accepted(lambda: candidate.answer(number, choice), "an answer was not accepted")


_Figures = dict[str, dict[str, float]]
"""Choice -> the numbers in a reply, by the name of their field."""


def _figures_by_choice(candidate: ProbeCandidate) -> dict[str, _Figures]:
    """For each place, the numbers that it shows while the first question has one choice after the other. A score so far
    is higher for the right choice alone, so that a candidate finds it by trying."""
    told: dict[str, _Figures] = {"the page of an open exam": {}, "the reply to an answer": {}}
    for position, choice in enumerate(candidate.questions[0]["choices"]):
        told["the reply to an answer"][str(choice)] = _figures(_answered(candidate, 0, position))
        page = require_accepted(candidate.read, "the exam could not be read")
        told["the page of an open exam"][str(choice)] = _figures(page)
    return told


def _figures(reply: Reply) -> dict[str, float]:
    """The numbers in the body and in the headers, by the name of their field."""
    in_headers = {
        _label(name): number
        for name, value in reply.headers
        if name.lower() not in _NOT_FOR_CANDIDATES and (number := as_number(value)) is not None
    }
    in_body = {
        name: value
        for entry in _entries(reply.body)
        for name, value in entry.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return {**in_headers, **in_body}


def _label(header: str) -> str:
    return f"the header {header}"


def _told(reply: Reply) -> list[Any]:
    """The body, and what each header says: its text, and the JSON that it holds as it is or in base64."""
    return [reply.body, *({_label(name): text} for name, value in reply.headers for text in _read(value))]


def _read(value: str) -> Iterator[Any]:
    """The value of a header in each way in which it can be read."""
    texts = [value]
    with suppress(ValueError):  # most values are not in base64
        texts.append(base64.b64decode(value, validate=True).decode())
    for text in texts:
        yield text
        with suppress(ValueError):  # nor are they JSON
            yield json.loads(text)


def _higher_for(right: str | None, told: _Figures) -> set[str]:
    """The fields whose number is higher for the right choice, and the same for all others."""
    if right not in told or len(told) <= 2:  # of two choices, one number is always the higher one
        return set()
    others = [figures for choice, figures in told.items() if choice != right]
    return {
        name
        for name, value in told[right].items()
        if all(name in figures for figures in others)
        and len({figures[name] for figures in others}) == 1
        and value > others[0][name]
    }


def _fields_of_answers(answers: list[tuple[str, Reply]], right: dict[str, str]) -> set[str]:
    """The fields of the replies to answers that hold the right choice of every question that was answered."""
    fields = [
        {name for entry in _entries(_told(reply)) for name in _fields_with(entry, right[question])}
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
    told = _told(page)
    entries = {question: list(_entries_of(question, told)) for question in questions}
    fields = [
        {name for entry in entries[question_id] for name in _fields_with(entry, right[question_id])}
        for question_id in questions
    ]
    in_a_row = _fields_with_row(told, [right[question_id] for question_id in questions])
    in_a_table = _tables({question: right[question] for question in questions}, told)
    return in_a_row | in_a_table | (set.intersection(*fields) if fields else set())


def _tables(right: Mapping[str, str], told: Any) -> set[str]:
    """The names of the fields that hold a table of all questions with their right choices."""
    return {
        name
        for entry in _entries(told)
        for name, value in entry.items()
        if right and isinstance(value, dict) and all(str(value.get(question)) == right[question] for question in right)
    }


def _fields_with_row(body: Any, right: list[str]) -> set[str]:
    """The names of the fields of which a text holds the right choices of all questions one after the other."""
    if len(right) < _LEAST_ROW:
        return set()
    rows = [separator.join(right) for separator in _SEPARATORS]
    return {
        name
        for entry in _entries(body)
        for name, value in entry.items()
        if isinstance(value, str) and any(row in value for row in rows)
    }


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
        "No page of an open exam shows the right choices",
        EXAM_RULES,
        _right_choices_hidden,
        needs_found("review", "correct"),
    ),
)
