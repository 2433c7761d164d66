"""The script of a candidate: what it intends to do and when.

Scripts are drawn at random from a seed before the exam begins. So the plan can be compared with what was delivered, and
every action has a moment at which it is due.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from random import Random
from typing import NamedTuple

from pytest_examday.config.profiles import (
    ANSWERING,
    SUBMITTING,
    Habits,
    LoadProfile,
    Shape,
)

_LAST_MOMENT = 0.1
"""Share (0 to 1) of the last part of the exam that candidates keep free, so that they can repeat a submission."""
_LAST_SECONDS = 1.5
"""Candidates keep at least this many seconds free, but no more than half of that part: repeating a submission takes
about a second."""
_MARKED_SHARE = 0.1
_CLEARED_SHARE = 0.3
"""Share (0 to 1) of the changes that take an answer back."""
_FRESH_SHARE = _KEYLESS_SHARE = 0.5
"""Shares (0 to 1) of the candidates whose double clicks go over new connections, and without an idempotency key."""


class Schedule(NamedTuple):
    """The times of an exam's parts, in seconds from its beginning (see `LoadProfile`)."""

    shape: Shape
    arrive_seconds: float
    last_part_begins: float
    deadline: float

    @classmethod
    def of(cls, profile: LoadProfile) -> "Schedule":
        """The schedule of a profile."""
        return cls(profile.shape, profile.arrive_seconds, profile.last_part_begins, profile.exam_seconds)

    @property
    def answers(self) -> bool:
        """Whether candidates answer."""
        return self.shape in ANSWERING

    @property
    def submits(self) -> bool:
        """Whether candidates submit."""
        return self.shape in SUBMITTING


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    """One answer that a candidate intends to give, `at` seconds from the beginning of the load.

    `choice` (0 to 1) selects one of the choices that the question then has. `clears`: an earlier answer to the question
    is taken back instead, if the platform can do that.
    """

    at: float
    think_seconds: float
    question: int
    choice: float
    marked: bool
    double_click: bool
    clears: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """The script of one candidate. Times are seconds from the beginning of the load.

    The candidate answers until `leaves_at`, and then submits if `submits`. It reloads the page before the answer with
    the number `resume_before`; None: never. `double_create` and `double_submit`: it clicks twice at the same moment;
    `fresh_doubles`: over two new connections; `keyless_doubles`: both submissions have no idempotency key.
    """

    arrives_at: float
    opens_at: float
    leaves_at: float
    submits: bool
    answers: bool
    resume_before: int | None
    double_submit: bool
    seed: str
    questions: int
    habits: Habits
    double_create: bool = False
    fresh_doubles: bool = False
    keyless_doubles: bool = False

    def endless_answers(self) -> Iterator[PlannedAnswer]:
        """The answers in order, without an end: after the last question the candidate changes answers."""
        rng, clears = Random(self.seed), Random(f"{self.seed}-clears")
        at = self.opens_at
        answered: set[int] = set()
        for question in _question_numbers(rng, self.questions, self.habits):
            think = rng.uniform(*self.habits.think_seconds)
            at += think
            marked = rng.random() < _MARKED_SHARE
            twice = rng.random() < self.habits.double_click_share / 2
            cleared = question in answered and clears.random() < _CLEARED_SHARE
            answered.add(question)
            yield PlannedAnswer(at, think, question, rng.random(), marked, twice, cleared)

    def planned_answers(self) -> Iterator[PlannedAnswer]:
        """The answers that are due before `leaves_at`."""
        return takewhile(
            lambda answer: answer.at < self.leaves_at, self.endless_answers() if self.answers else iter(())
        )

    def due(self) -> Iterator[tuple[str, float]]:
        """Every write of the script, with the moment at which it is due: create, the answers, submit."""
        yield "create", self.opens_at
        for answer in self.planned_answers():
            yield "answer", answer.at
        if self.submits:
            yield "submit", self.leaves_at


def write_script(seed: str, place: float, schedule: Schedule, questions: int, habits: Habits) -> Script:
    """The script of one candidate. `place` (0 to 1) is its place in the order of arrivals.

    The same arguments always give the same script.
    """
    rng = Random(f"{seed}-life")
    arrives_at = place * schedule.arrive_seconds
    opens_at = schedule.arrive_seconds if schedule.shape == "start" else arrives_at
    doubles = Random(f"{seed}-doubles")
    resumes = rng.random() < habits.resume_share
    return Script(
        arrives_at=arrives_at,
        opens_at=opens_at,
        leaves_at=_leaves_at(rng, schedule, opens_at),
        submits=schedule.submits,
        answers=schedule.answers,
        resume_before=rng.randrange(questions) if resumes else None,
        double_submit=rng.random() < habits.double_click_share,
        seed=seed,
        questions=questions,
        habits=habits,
        double_create=doubles.random() < habits.double_click_share,
        fresh_doubles=doubles.random() < _FRESH_SHARE,
        keyless_doubles=doubles.random() < _KEYLESS_SHARE,
    )


def _leaves_at(rng: Random, schedule: Schedule, opens_at: float) -> float:
    """When the candidate leaves. More candidates submit the nearer the deadline is; without a submission, a candidate
    leaves at the deadline, or at once if it does not answer either."""
    if not schedule.submits:
        return schedule.deadline if schedule.answers else opens_at
    seconds = schedule.deadline - schedule.last_part_begins
    free = max(_LAST_MOMENT * seconds, min(_LAST_SECONDS, seconds / 2))
    return schedule.last_part_begins + (seconds - free) * math.sqrt(rng.random())


def _question_numbers(rng: Random, questions: int, habits: Habits) -> Iterator[int]:
    """The numbers of the questions in the order of answering. Some are left blank, some answers are changed; after the
    last question, any answer is changed again."""
    answered: list[int] = []
    for number in range(questions):
        if rng.random() < habits.blank_share and (answered or number + 1 < questions):
            continue
        answered.append(number)
        yield number
        if rng.random() < habits.change_share:
            yield rng.choice(answered)
    while True:
        yield rng.choice(answered)
