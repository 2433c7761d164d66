"""Questions and choices of an exam have words that a candidate can read."""

import re
from collections.abc import Iterator
from typing import Any

from pytest_examday.contract.numbers_and_moments import cut
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs_found
from pytest_examday.suites.exam.rules.trials.send_calls import require_accepted
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup

_IDS = {"id", "key", "question_id", "value"}
"""Names of what identifies a question or a choice, and is no text of it."""
_PICTURES = re.compile(r"<img|<svg|\.(?:png|jpe?g|gif|svg|webp)\b", re.IGNORECASE)


def _words(setup: TrialSetup) -> TrialResult:
    """Look for questions and choices of an open exam without any text. On a page with pictures, a picture may stand for
    a text."""
    with setup.candidate_in_exam() as candidate:
        page = require_accepted(candidate.read, "the exam could not be read")
    wording = page.find("wording")
    if not isinstance(wording, list) or not wording:
        return TrialResult(None, f"the page of the exam shows no words: {page}")
    lacking = [number for number, entry in enumerate(wording, 1) if any(_without_text(entry))]
    if not lacking:
        return TrialResult(True, f"{len(wording)} questions and their choices have words")
    message = f"question {lacking[0]} or one of its choices has no text: {cut(wording[lacking[0] - 1])}"
    if _PICTURES.search(page.text):
        return TrialResult(None, f"{message}; the page has pictures, which may stand for it")
    return TrialResult(False, f"{message} ({len(lacking)} of {len(wording)} questions)")


def _without_text(entry: Any) -> Iterator[bool]:
    """For the question, and for each of its choices, whether it has no text."""
    values = list(_values(entry))
    texts = [value for value in values if not isinstance(value, list | dict)]
    if texts or not values:
        yield not any(map(_is_text, texts))
    for value in values:
        if isinstance(value, list):
            yield from (not any(map(_is_text, _leaves(choice))) for choice in value)


def _values(entry: Any) -> Iterator[Any]:
    """The parts of a question, without what identifies it."""
    if isinstance(entry, dict):
        yield from (value for name, value in entry.items() if name not in _IDS)
    elif isinstance(entry, list):
        yield from entry
    else:
        yield entry


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | dict):
        for part in _values(value):
            yield from _leaves(part)
    else:
        yield value


def _is_text(value: Any) -> bool:
    return value is not None and bool(str(value).strip())


RULES = (
    Rule(
        "questions-and-choices-have-words",
        "Every question and every choice of an exam has a text",
        EXAM_RULES,
        _words,
        needs_found("read", "wording"),
    ),
)
