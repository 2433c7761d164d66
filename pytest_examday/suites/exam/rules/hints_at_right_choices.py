"""Nothing that an open exam shows hints at the right choices: no place, no digest, no refusal."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs_found
from pytest_examday.suites.exam.rules.trials.answers_shown import right_choices
from pytest_examday.suites.exam.rules.trials.exams_of_load import first_submitted
from pytest_examday.suites.exam.rules.trials.send_calls import (
    give_answer,
    require_accepted,
    send_until_clear,
    submit_exam,
)
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_EXAMS = 2
_CHANCE = 1e-5
"""Right choices stand at one place by chance as seldom as that, or there are too few questions to tell."""
_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_SEPARATORS = ("", ":", "-", "|", "/", ".")


class _Seen:
    """What several open exams showed: question -> the place of its right choice and the number of its choices, and the
    fields of questions and of refusals that hold the right choice of every question so far."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[int, int]] = {}
        self.with_digest: set[str] | None = None
        self.in_refusals: set[str] | None = None

    def add(self, candidate: ProbeCandidate, page: Reply, refusals: dict[str, Reply], right: dict[str, str]) -> None:
        """Note what one exam showed, and which of its choices were right."""
        self.add_places(candidate, right)
        for question_id, own in right.items():
            fields = set(_fields_with_digest(page.body, question_id, own, str(candidate.session_id)))
            self.with_digest = fields if self.with_digest is None else self.with_digest & fields
        for question_id, reply in refusals.items():
            if question_id in right:
                fields = {name for name, value in _fields(reply.body) if value == right[question_id]}
                self.in_refusals = fields if self.in_refusals is None else self.in_refusals & fields

    def add_places(self, candidate: ProbeCandidate, right: dict[str, str]) -> None:
        """Note where the right choices of an exam stand among the choices of their questions."""
        for question in candidate.questions:
            choices, own = list(map(str, question["choices"])), right.get(question["id"])
            if own in choices:
                self.places[question["id"]] = (choices.index(own), len(choices))

    @property
    def at_one_place(self) -> bool:
        """Whether all right choices stand at one place."""
        return len({place for place, _ in self.places.values()}) == 1

    @property
    def chance(self) -> float:
        """How likely it is that all right choices stand at one place by chance."""
        numbers = [number for _, number in self.places.values()]
        return max(numbers, default=1) / math.prod(numbers)


def _no_hints(setup: TrialSetup) -> TrialResult:
    """Open, answer and submit exams. An older answer, which a platform may refuse, is sent to each question. If all
    right choices stand at one place, and there are too few questions to tell that from chance, exams of other
    candidates are looked at too: a platform may ask one candidate the same questions each time."""
    seen = _Seen()
    for _ in range(_EXAMS):
        with setup.candidate_in_exam() as candidate:
            page = require_accepted(candidate.read, "the exam could not be read")
            refusals = _refusals(candidate)
            submit_exam(candidate)
            right = _right(candidate)
        if not right:
            return TrialResult(None, "the review shows no right choices to look for")
        seen.add(candidate, page, refusals, right)
    for other in _others(setup):
        if not (seen.at_one_place and seen.chance > _CHANCE):
            break
        seen.add_places(other, _right(other))
    return worst_trial_result(*_judged(seen))


def _right(candidate: ProbeCandidate) -> dict[str, str]:
    return right_choices(candidate, require_accepted(candidate.review, "the review could not be read"))


def _others(setup: TrialSetup) -> Iterator[ProbeCandidate]:
    """Other candidates, whose exams are submitted: one of the load, and one of the trials."""
    exam = first_submitted(setup.target)
    if exam is not None:
        yield exam.candidate(setup.target)
    yield setup.exam_of_other_candidate()


def _judged(seen: _Seen) -> Iterator[TrialResult]:
    if seen.with_digest:
        fields = ", ".join(sorted(seen.with_digest))
        yield TrialResult(False, f"the page of an open exam shows digests of the right choices in {fields}")
    if seen.in_refusals:
        fields = ", ".join(sorted(seen.in_refusals))
        yield TrialResult(False, f"a refusal in an open exam shows the right choices in {fields}")
    places = {place for place, _ in seen.places.values()}
    message = f"the right choices of {len(seen.places)} questions stand at {len(places)} places among the choices"
    if not seen.at_one_place:
        yield TrialResult(True, message)
    elif seen.chance > _CHANCE:
        yield TrialResult(True, f"{message}, and these questions are too few to tell that from chance")
    else:
        first = next(iter(places)) + 1
        yield TrialResult(
            False, f"the right choice is number {first} of the choices in each of {len(seen.places)} questions"
        )


def _refusals(candidate: ProbeCandidate) -> dict[str, Reply]:
    """Answer every question, then send each an older answer. Returns the replies that refuse one."""
    refusals: dict[str, Reply] = {}
    for number, question in enumerate(candidate.questions):
        older = replace(candidate, sequence=candidate.sequence, versions=candidate.versions.copy())
        candidate.sequence += 1
        give_answer(candidate, number, number % 2)
        reply = send_until_clear(partial(older.send_answer, question["id"], question["choices"][0]))
        if reply.refused:
            refusals[question["id"]] = reply
    return refusals


def _fields_with_digest(body: Any, question: str, right: str, session: str) -> Iterator[str]:
    """The fields of a question on the page that hold a digest of its right choice, alone or with an id."""
    digests = {
        hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()
        for kind in _DIGESTS
        for text in _texts(question, right, session)
    }
    for entry in _entries(body):
        if any(str(value) == question for value in entry.values()):
            yield from (name for name, value in entry.items() if str(value).lower() in digests)


def _texts(question: str, right: str, session: str) -> Iterator[str]:
    yield right
    for separator in _SEPARATORS:
        for other in (question, session):
            yield f"{other}{separator}{right}"
            yield f"{right}{separator}{other}"


def _fields(body: Any) -> Iterator[tuple[str, str]]:
    """The names and texts of all fields of a reply."""
    for entry in _entries(body):
        yield from ((name, str(value)) for name, value in entry.items() if isinstance(value, str | int))


def _entries(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, dict):
        yield body
    for value in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _entries(value)


RULES = (
    Rule(
        "open-exam-hints-at-no-right-choice",
        "Neither the order of choices nor a digest nor a refusal hints at the right choices",
        EXAM_RULES,
        _no_hints,
        needs_found("review", "correct"),
    ),
)
