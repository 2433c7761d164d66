"""Finds the account of a candidate in the ledger."""

from functools import cached_property
from typing import Protocol

from pytest_examday.config.accounts import Account


class Numbered(Protocol):
    """Accounts with numbers, however the configuration defines them."""

    @property
    def count(self) -> int:
        """The number of accounts."""

    def account(self, index: int) -> Account:
        """The account with this index, from 0."""


class AccountsByEmail:
    """Accounts by their e-mail address, which is the actor in a ledger."""

    def __init__(self, numbered: Numbered) -> None:
        self._numbered = numbered

    def account_of(self, email: str) -> Account | None:
        """The account with this e-mail address; None if none is configured."""
        return self._by_email.get(email)

    @cached_property
    def _by_email(self) -> dict[str, Account]:
        accounts = map(self._numbered.account, range(self._numbered.count))
        return {account.email: account for account in accounts}
