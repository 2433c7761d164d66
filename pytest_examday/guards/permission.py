"""What a run may do to its environment: what `allow` says and, on production, what the command line confirms."""

from pytest_examday.config.environment import Environment, Permission
from pytest_examday.errors import UsageProblem

OPTION = "--examday-confirm"


def is_confirmed(environment: Environment, answer: str | None) -> bool:
    """Whether the command line repeated the environment's name; raises UsageProblem for any other name."""
    if answer is None:
        return False
    if answer != environment.name:
        raise UsageProblem(f"{OPTION} {answer}: does not repeat the name of the environment, {environment.name!r}")
    return True


def refusal(environment: Environment, permission: Permission, what: str, *, confirmed: bool) -> str | None:
    """Why `what` must not be done, None where it may be.

    On production writing needs the confirmation as disrupting does: candidates by the hundred and their answers in
    the real tables are a load and a change that the people who sit there feel, and no undo takes them back.
    """
    where = f"env.{environment.name}"
    if not environment.allows(permission):
        return (
            f"environment {environment.name!r} allows {', '.join(environment.allow)}; {what} needs "
            f"{permission!r} in {where}.allow"
        )
    if permission == "read" or confirmed or not environment.is_production:
        return None
    why = f"{where}.production says so" if environment.production else "its name says so"
    return (
        f"environment {environment.name!r} is production ({why}); {what} needs {OPTION} {environment.name} "
        "on the command line"
    )
