"""Runs the command that prints the accounts of the candidates."""

from collections.abc import Mapping

from pytest_examday.config.accounts import CommandedAccounts, ListOfAccounts
from pytest_examday.config.accounts_file import account_mistakes
from pytest_examday.config.configuration_file import Table
from pytest_examday.errors import Unmeasurable
from pytest_examday.monotonic_clock import now
from pytest_examday.runtimes.shell import MOST_BYTES, run

_SECONDS = 300.0
_MOST_LISTED = 5


def printed_accounts(configured: CommandedAccounts, where: str, variables: Mapping[str, str]) -> ListOfAccounts:
    """The accounts that the command prints now; `where` is the key of the command, and `variables` are those of the
    environment that it may name.

    Raises Unmeasurable if it fails, takes longer than 5 minutes, writes more than 256 MiB or prints something else.
    The message repeats nothing of its standard output, which holds secrets.
    """
    begun = now()
    ended = run(configured.command, where, _SECONDS, variables, kept_bytes=MOST_BYTES)
    if ended.exit_status != 0:
        said = ended.complaints.strip().splitlines()
        raise Unmeasurable(f"{where}: exit status {ended.exit_status}{f': {said[-1]}' if said else ''}")
    accounts: list[Table] = []
    mistakes = list(account_mistakes(ended.output, accounts))
    if mistakes:
        more = f"; {len(mistakes) - _MOST_LISTED} more mistakes" if len(mistakes) > _MOST_LISTED else ""
        raise Unmeasurable(f"{where}: what it printed: {'; '.join(mistakes[:_MOST_LISTED])}{more}")
    return ListOfAccounts.model_validate({"listed": tuple(accounts), "made_at": begun, "lifetime": configured.lifetime})
