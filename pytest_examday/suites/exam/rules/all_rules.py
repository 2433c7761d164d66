"""All rules that are tried, and which of them a platform promises."""

from pytest_examday.config.environment import Environment
from pytest_examday.core.suite import LackReason, lacks_nothing, reasons_not_promised
from pytest_examday.suites.exam.rules import (
    administrators,
    after_some_seconds,
    clock,
    closed_exam,
    ended_tokens,
    hints_at_right_choices,
    impossible_choices,
    kept_secret,
    long_login,
    not_shared,
    one_exam,
    others_exams,
    own_token,
    receipt,
    words_of_questions,
)
from pytest_examday.suites.exam.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *one_exam.RULES,
    *closed_exam.RULES,
    *impossible_choices.RULES,
    *others_exams.RULES,
    *own_token.RULES,
    *ended_tokens.RULES,
    *long_login.RULES,
    *administrators.RULES,
    *kept_secret.RULES,
    *hints_at_right_choices.RULES,
    *words_of_questions.RULES,
    *not_shared.RULES,
    *receipt.RULES,
    *clock.RULES,
    *after_some_seconds.RULES,
)

STEPS = {
    "resume": "resume-works-after-refresh",
    "refresh": "token-refresh-does-not-interrupt-session",
    "logout": "logout-does-not-delete-active-attempt-state",
}
"""The steps of a candidate that phase 5 tries beside the rules: the name of the probe, and the key of its line."""


def _without(*operations: str) -> LackReason:
    return lambda environment: environment.platform.contract.lacking(*operations)


PROMISES: dict[str, LackReason] = {
    STEPS["resume"]: lacks_nothing,
    STEPS["refresh"]: _without("refresh"),
    STEPS["logout"]: _without("login", "logout"),
    **{rule.key: rule.why_not_promised for rule in RULES},
}
"""The lines that a run leaves out if the platform does not promise them: key of the line -> the function that says
what an environment lacks for it."""


def promised_rules(environment: Environment) -> tuple[Rule, ...]:
    """The rules that the platform promises."""
    excused = reasons_not_promised(PROMISES, environment)
    return tuple(rule for rule in RULES if rule.key not in excused)
