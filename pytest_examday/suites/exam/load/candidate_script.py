"""What a candidate intends to do and when, drawn before the exam begins: a plan can then be compared with what was
delivered, and a request has a moment at which it should have been sent."""

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
"""Share of the last stretch before the deadline that candidates keep free, so that a submission can be repeated."""
_LAST_SECONDS = 1.5
"""At least so long, where it leaves them half of the stretch: one repetition with its back-off takes about a second."""
_MARKED_SHARE = 0.1


class Schedule(NamedTuple):
    """When an exam's parts are, in seconds from its beginning (see `LoadProfile`)."""

    shape: Shape
    arrive_seconds: float
    steady_until: float
    deadline: float

    @classmethod
    def of(cls, profile: LoadProfile) -> "Schedule":
        """The schedule of a profile's load."""
        return cls(profile.shape, profile.arrive_seconds, profile.steady_until, profile.exam_seconds)

    @property
    def answers(self) -> bool:
        """Whether candidates answer."""
        return self.shape in ANSWERING

    @property
    def submits(self) -> bool:
        """Whether candidates submit."""
        return self.shape in SUBMITTING


@dataclass(frozen=True, slots=True)
class Step:
    """One answer that a candidate means to give, `at` seconds from the beginning of the load; `choice`, from 0 to 1,
    tells which of the choices."""

    at: float
    think_seconds: float
    question: int
    choice: float
    marked: bool
    double_click: bool


@dataclass(frozen=True, slots=True)
class Script:
    """One candidate's exam. `leaves_at` ends the answering: with the submission where the shape has one. Times are
    seconds from the beginning of the load."""

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

    def steps(self) -> Iterator[Step]:
        """The answers in order, without end: when all questions are answered the candidate goes over them again."""
        rng = Random(self.seed)
        at = self.opens_at
        for question in _questions(rng, self.questions, self.habits):
            think = rng.uniform(*self.habits.think_seconds)
            at += think
            marked = rng.random() < _MARKED_SHARE
            twice = rng.random() < self.habits.double_click_share / 2
            yield Step(at, think, question, rng.random(), marked, twice)

    def planned_steps(self) -> Iterator[Step]:
        """The answers that are due before the candidate leaves."""
        return takewhile(lambda step: step.at < self.leaves_at, self.steps() if self.answers else iter(()))

    def due(self) -> Iterator[tuple[str, float]]:
        """Every write of the plan and when it is due: create, answers, submit."""
        yield "create", self.opens_at
        for step in self.planned_steps():
            yield "answer", step.at
        if self.submits:
            yield "submit", self.leaves_at


def write_script(seed: str, place: float, schedule: Schedule, questions: int, habits: Habits) -> Script:
    """One candidate's exam; `place` in the order of arrivals goes from 0 to 1 and is the same in every run, as is
    everything else that the seed draws."""
    rng = Random(f"{seed}-life")
    arrives_at = place * schedule.arrive_seconds
    opens_at = schedule.arrive_seconds if schedule.shape == "start" else arrives_at
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
    )


def _leaves_at(rng: Random, schedule: Schedule, opens_at: float) -> float:
    """More submit the nearer the deadline is; without a submission one leaves when the work is over."""
    if not schedule.submits:
        return schedule.deadline if schedule.answers else opens_at
    stretch = schedule.deadline - schedule.steady_until
    free = max(_LAST_MOMENT * stretch, min(_LAST_SECONDS, stretch / 2))
    return schedule.steady_until + (stretch - free) * math.sqrt(rng.random())


def _questions(rng: Random, questions: int, habits: Habits) -> Iterator[int]:
    """Some stay blank, some are changed before the next one is read; afterwards any of them again."""
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
