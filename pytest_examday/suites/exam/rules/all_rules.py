"""All behaviours that are tried, and which of them a platform promises."""

from pytest_examday.config.environment import Environment
from pytest_examday.core.suite import MissingReason, lacks_nothing, reasons_not_promised
from pytest_examday.suites.exam.rules import (
    administrators,
    after_some_seconds,
    clock,
    closed_exam,
    ended_tokens,
    kept_secret,
    one_exam,
    others_exams,
    own_token,
    receipt,
)
from pytest_examday.suites.exam.rules.rule import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (
    *one_exam.BEHAVIOURS,
    *closed_exam.BEHAVIOURS,
    *others_exams.BEHAVIOURS,
    *own_token.BEHAVIOURS,
    *ended_tokens.BEHAVIOURS,
    *administrators.BEHAVIOURS,
    *kept_secret.BEHAVIOURS,
    *receipt.BEHAVIOURS,
    *clock.BEHAVIOURS,
    *after_some_seconds.BEHAVIOURS,
)

STEPS = {
    "resume": "resume-works-after-refresh",
    "refresh": "token-refresh-does-not-interrupt-session",
    "logout": "logout-does-not-delete-active-attempt-state",
}
"""The steps of a candidate that phase 5 tries beside the behaviours: the name of the probe, and the key of its line."""


def _lacks(*operations: str) -> MissingReason:
    return lambda environment: environment.platform.contract.lacking(*operations)


PROMISES: dict[str, MissingReason] = {
    STEPS["resume"]: lacks_nothing,
    STEPS["refresh"]: _lacks("refresh"),
    STEPS["logout"]: _lacks("login", "logout"),
    **{behaviour.key: behaviour.lacking for behaviour in BEHAVIOURS},
}
"""The lines that a run leaves out if the platform does not promise them: key of the line -> the function that says
what an environment lacks for it."""


def promised(environment: Environment) -> tuple[Behaviour, ...]:
    """The behaviours that the platform promises."""
    excused = reasons_not_promised(PROMISES, environment)
    return tuple(behaviour for behaviour in BEHAVIOURS if behaviour.key not in excused)
