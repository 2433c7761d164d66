"""All behaviours that are tried, and which of them a platform promises."""

from pytest_examday.config.environment import Environment
from pytest_examday.core.suite import Lacks, not_promised
from pytest_examday.suites.exam.behaviours import clock, closed_exam, ended_tokens, one_exam, others_exams
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (
    *one_exam.BEHAVIOURS,
    *closed_exam.BEHAVIOURS,
    *others_exams.BEHAVIOURS,
    *ended_tokens.BEHAVIOURS,
    *clock.BEHAVIOURS,
)

PROMISES: dict[str, Lacks] = {one.key: one.lacking for one in BEHAVIOURS}
"""Which of the exam's lines a platform may not promise."""


def promised(environment: Environment) -> tuple[Behaviour, ...]:
    """The behaviours that the platform promises."""
    excused = not_promised(PROMISES, environment)
    return tuple(one for one in BEHAVIOURS if one.key not in excused)
