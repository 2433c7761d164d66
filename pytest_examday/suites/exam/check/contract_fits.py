"""Lets one candidate sit a short exam at the end of the preflight, before phase 1, so that a contract that does not fit
is reported before hundreds of candidates fail because of it."""

from pytest_examday.drills.resolve_drills import running_drills
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.check.candidate_operations import check_exam
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.load.login_time import require_time
from pytest_examday.target.accounts import SignUpRefused
from pytest_examday.target.target import Target


def refuse_misfits(target: Target) -> None:
    """Try the operations of a candidate if an exam may be opened.

    Raises Unmeasurable if the platform does not know a request of the contract, or a reply lacks what the contract
    looks for. Then the configuration is wrong, or nobody can sit an exam on the platform, and no later activity could
    measure anything. Raises it too if candidates cannot log in as fast as the profile says, or cannot sign up.
    """
    if target.refusal("write", "to open an exam") is not None:
        return
    environment = target.environment
    require_time(target, len(running_drills(environment, environment.profile.drill.drills, DRILLS)))
    try:
        (account,) = target.accounts.last(1)  # the load counts from the first
        misfits = [look for look in check_exam(target, account) if look.misfit]
    except SignUpRefused as refused:
        raise Unmeasurable(f"{refused} -> contract.sign_up") from None
    except Unmeasurable:
        return  # without an account nobody sits an exam, and whoever needs one says so
    if misfits:
        message = "; ".join(f"{look.what}: {look.message} -> {look.key_to_write}" for look in misfits)
        raise Unmeasurable(
            f"the contract does not fit the platform: {message}; `python -m pytest_examday check --env "
            f"{target.environment.name}` tries every part of it"
        )
