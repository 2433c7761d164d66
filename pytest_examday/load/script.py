"""What a candidate intends to do with the questions, drawn before the exam begins: a plan can then be compared
with what was delivered."""

from dataclasses import dataclass
from random import Random

from pytest_examday.config.profiles import Habits


@dataclass(frozen=True)
class Step:
    """One answer that a candidate means to give."""

    question: int
    think_seconds: float
    changes: bool
    marked: bool
    double_click: bool


@dataclass(frozen=True)
class Script:
    """One candidate's exam."""

    steps: tuple[Step, ...]
    resume_before: int | None
    double_submit: bool

    @property
    def writes(self) -> int:
        """Create, every answer, submit."""
        return len(self.steps) + 2


def write_script(rng: Random, questions: int, habits: Habits) -> Script:
    """Some questions stay blank, some are changed later, some are marked for review, some clicked twice."""
    answered = [number for number in range(questions) if rng.random() >= habits.blank_share] or [0]
    first = [_step(rng, number, habits, changes=False) for number in answered]
    again = [_step(rng, number, habits, changes=True) for number in answered if rng.random() < habits.change_share]
    steps = tuple(first + again)
    resume = rng.randrange(len(steps)) if rng.random() < habits.resume_share else None
    return Script(steps, resume, rng.random() < habits.double_click_share)


def _step(rng: Random, question: int, habits: Habits, *, changes: bool) -> Step:
    return Step(
        question=question,
        think_seconds=rng.uniform(*habits.think_seconds),
        changes=changes,
        marked=rng.random() < 0.1,
        double_click=rng.random() < habits.double_click_share / 2,
    )
