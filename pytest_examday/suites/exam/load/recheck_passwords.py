"""Checks, after a load or drill, whether candidates who were not let in have a wrong password in the configuration."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.suites.exam.stored_exams.accounts_by_email import AccountsByEmail
from pytest_examday.target.target import Target

_TRIED_AGAIN = 3
"""Candidates who were kept out and whose login is tried once more afterwards."""


def recheck_kept_out(target: Target, fates: tuple[ActorFate, ...]) -> tuple[ActorFate, ...]:
    """The fates, after some of those who were kept out have tried to log in again.

    If one of them can log in now, the passwords are right and the platform kept them out: then `kept_out` becomes False
    for all of them, so that they count as stuck. At most three are tried, because failed logins may lock an address."""
    for fate in [fate for fate in fates if fate.kept_out][:_TRIED_AGAIN]:
        account = AccountsByEmail(target.accounts.candidates).account_of(fate.actor)
        if account is None:
            continue
        try:
            target.accounts.log_in(account)
        except Unmeasurable:
            continue  # refused again: the account is the cause, and neither load nor fault
        return tuple(each_fate.model_copy(update={"kept_out": False}) for each_fate in fates)
    return fates
