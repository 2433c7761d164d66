"""Opens the exams that trials and probes need, and renews a token that has expired."""

import uuid
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.rules.trials.send_calls import Call, send_until_clear
from pytest_examday.target.api import Reply

_QUESTIONS, _CHOICES = 3, 2


def answerable(questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The questions with at least two choices, so that an answer can be changed."""
    return [question for question in questions if len(question["choices"]) >= _CHOICES]


def open_exam(candidate: ProbeCandidate, key: str | None = None) -> None:
    """Open an exam, with this idempotency key if it is given; `questions` are then those that can be answered and
    changed. Raises Unmeasurable if it cannot be opened, or if too few questions have two choices."""
    opened = with_good_token(candidate, partial(candidate.open, key=key or uuid.uuid4().hex))
    if not opened.accepted or candidate.session_id is None:
        raise Unmeasurable(f"an exam could not be opened: {reply_in_words(opened)}")
    all_questions, candidate.questions = candidate.questions, answerable(candidate.questions)
    if len(candidate.questions) < _QUESTIONS:
        message = f"{len(candidate.questions)} of its {len(all_questions)} questions have {_CHOICES} choices"
        raise Unmeasurable(f"{_QUESTIONS} questions of an exam have to be answered, and {message}")


def with_good_token(candidate: ProbeCandidate, call: Call) -> Reply:
    """The reply to a call of a candidate whose token may have expired since it was used last."""
    reply = send_until_clear(call)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        candidate.renew()
        reply = send_until_clear(call)
    return reply
