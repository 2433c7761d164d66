"""What a run may do to its environment: what `allow` permits and, on production, what the command line confirms."""

from pytest_examday.config.environment import Environment, Permission
from pytest_examday.errors import UsageProblem

OPTION = "--examday-confirm"


def is_confirmed(environment: Environment, repeated_name: str | None) -> bool:
    """Whether `--examday-confirm` repeats the environment's name. Raises UsageProblem for any other name."""
    if repeated_name is None:
        return False
    if repeated_name != environment.name:
        raise UsageProblem(
            f"{OPTION} {repeated_name}: does not repeat the name of the environment, {environment.name!r}"
        )
    return True


def refusal(environment: Environment, permission: Permission, what: str, *, confirmed: bool) -> str | None:
    """The reason why the run must not do `what`; None if it may.

    On production, writing needs the confirmation too: the load and the data of hundreds of simulated candidates affect
    the people who use the platform, and no undo removes them.
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
