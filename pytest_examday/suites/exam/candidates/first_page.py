"""Judges the questions of an exam that was just opened by themselves, and names questions so that those of two
candidates can be compared."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pytest_examday.contract.numbers_and_moments import cut
from pytest_examday.suites.exam.candidates.shown_exam import Find, ShownExam, words_hash


def wrong_questions(shown: ShownExam, find: Find, asked_for: int | None) -> Iterator[str]:
    """What is wrong with the questions of a first page, in which `find` looks: another number than was asked for (None:
    no number was), a question that comes twice, or several questions with one text and the same choices."""
    questions = shown.questions
    if questions is None:
        return
    if asked_for is not None and len(questions) != asked_for:
        yield f"{len(questions)} questions, and {asked_for} were asked for"
    (most, times), *_ = Counter(question.id for question in questions).most_common(1)
    if times > 1:
        yield f"question {most} comes {times} times"
        return
    texts = _texts(shown, find)
    alike = Counter(words_hash(text) for text in texts if text is not None).most_common(1)
    if alike and alike[0][1] > 1:
        text = next(text for text in texts if text is not None and words_hash(text) == alike[0][0])
        yield f"{alike[0][1]} questions with the same text and choices: {cut(text)}"


def comparable_questions(shown: ShownExam, find: Find) -> dict[str, str]:
    """Question -> a name that only the same question has for another candidate: its id and the hash of its words, with
    the order and the letters of its choices. A question whose words the page does not show in full is left out."""
    if shown.questions is None or shown.words is None:
        return {}
    texts = _texts(shown, find)
    named = zip(shown.questions, shown.words, texts, strict=False)
    return {question.id: f"{question.id} {words.hex()}" for question, words, text in named if text is not None}


def _texts(shown: ShownExam, find: Find) -> list[dict[str, Any] | None]:
    """The words of each question without its id; None where they are not both a text and the choices: many questions
    may have the same choices, and some the same text."""
    wording = find("wording")
    if shown.questions is None or not isinstance(wording, list) or len(wording) != len(shown.questions):
        return []
    return [_text(entry, question.id) for entry, question in zip(wording, shown.questions, strict=True)]


def _text(entry: Any, question_id: str) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return None
    words = {name: value for name, value in entry.items() if str(value) != question_id}
    has_text = any(isinstance(value, str) and value for value in words.values())
    has_choices = any(isinstance(value, list | dict) and value for value in words.values())
    return words if has_text and has_choices else None
