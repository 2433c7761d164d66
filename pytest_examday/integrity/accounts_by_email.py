"""Whose account a candidate of the ledger has."""

from functools import cached_property
from typing import Protocol

from pytest_examday.config.environment import Account


class Numbered(Protocol):
    """Accounts that are told apart by an index, however the configuration gives them."""

    @property
    def count(self) -> int:
        """How many there are."""

    def account(self, index: int) -> Account:
        """The account with this index, from 0."""


class AccountsByEmail:
    """Accounts found by their e-mail, which is the actor of a ledger's writes."""

    def __init__(self, numbered: Numbered) -> None:
        self._numbered = numbered

    def account_of(self, email: str) -> Account | None:
        """The account with that e-mail, None where none is configured."""
        return self._by_email.get(email)

    @cached_property
    def _by_email(self) -> dict[str, Account]:
        accounts = map(self._numbered.account, range(self._numbered.count))
        return {account.email: account for account in accounts}
