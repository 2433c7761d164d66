"""Checks, after a load or drill, whether candidates whose log-in was refused have a wrong password in the
configuration."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.suites.exam.stored_exams.accounts_by_email import AccountsByEmail
from pytest_examday.target.target import Target

_TRIED_AGAIN = 3
"""How many candidates whose log-in was refused try it once more afterwards."""


def recheck_passwords(target: Target, fates: tuple[ActorFate, ...]) -> tuple[ActorFate, ...]:
    """The fates, after some candidates whose log-in was refused have tried to log in again.

    If one of them can log in now, the passwords are right and the platform is the cause: `password_doubted` then
    becomes False for all of them, so that they count as stuck. At most three try, because failed log-ins may lock an
    address."""
    for fate in [fate for fate in fates if fate.password_doubted][:_TRIED_AGAIN]:
        account = AccountsByEmail(target.accounts.candidates).account_of(fate.actor)
        if account is None:
            continue
        try:
            target.accounts.log_in(account)
        except Unmeasurable:
            continue  # refused again: the account is the cause, and neither load nor fault
        return tuple(each_fate.model_copy(update={"password_doubted": False}) for each_fate in fates)
    return fates
