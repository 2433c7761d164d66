"""All behaviours that are tried, and which of them a platform promises."""

from pytest_examday.config.environment import Environment
from pytest_examday.suites.exam.behaviours import clock, closed_exam, ended_tokens, one_exam, others_exams
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (
    *one_exam.BEHAVIOURS,
    *closed_exam.BEHAVIOURS,
    *others_exams.BEHAVIOURS,
    *ended_tokens.BEHAVIOURS,
    *clock.BEHAVIOURS,
)


def not_promised(environment: Environment) -> dict[str, str]:
    """The behaviours that the platform does not promise: key -> reason. They are not tried and not judged."""
    declared = dict.fromkeys(environment.not_promised, f"env.{environment.name}.not_promised names it")
    lacking = {one.key: why for one in BEHAVIOURS if (why := one.lacks(environment.platform.contract)) is not None}
    return declared | lacking
