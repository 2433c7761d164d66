"""The accounts of an environment: that of the administrator, and those of the candidates."""

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from pytest_examday.config.mint import Mint
from pytest_examday.contract.sent_headers import SecretHeaderValue
from pytest_examday.contract.vocabulary import Mistake
from pytest_examday.record import Record
from pytest_examday.several_mistakes import several_mistakes

_COUNTING = re.compile(r"[^{}]*(\{n(:0?[0-9]{0,2}[dxX]?)?\}[^{}]*)+")
_MOST_ACCOUNTS = 100_000_000


class Account(Record):
    """The account of a person. It has a password, a prepared access token, or tokens that the rehearsal signs."""

    email: str
    password: SecretStr | None = None
    access_token: SecretHeaderValue | None = None
    """A prepared token: it was made before the run."""
    refresh_token: SecretStr | None = None
    """A prepared token that renews the access token."""
    id: str | None = None
    """The person's id, for the claims of signed tokens."""
    mint: Mint | None = None
    """How tokens are signed; None if the rehearsal signs none."""

    @model_validator(mode="after")
    def _can_enter(self) -> Self:
        if self.password is None and self.access_token is None and self.mint is None:
            raise ValueError("needs a password, an access_token, or mint")
        if self.mint is not None:
            _refuse_beside_mint(self.mint, self, "password", "access_token", "refresh_token")
        return self

    @property
    def token_without_login(self) -> str | None:
        """A token with which no log-in is needed: a newly signed one, or else the prepared one; None if there is
        neither."""
        if self.mint is not None:
            return self.mint.signer.token(self.email, self.id)
        return None if self.access_token is None else self.access_token.get_secret_value()

    @property
    def logs_in(self) -> bool:
        """Whether this person enters by a log-in."""
        return self.mint is None and self.access_token is None


def _refuse_beside_mint(mint: Mint, record: Record, *surplus: str, ids: bool = False) -> None:
    """Raise an error if one of these keys stands beside `mint`, or if its claims hold an unknown placeholder."""
    found: list[Mistake] = [
        ((key,), "not allowed beside `mint`") for key in surplus if getattr(record, key) is not None
    ]
    found += mint.unknown(ids=ids or getattr(record, "id", None) is not None)
    if found:
        raise several_mistakes(found)


Lifetime = Annotated[float, Field(gt=0, le=10**8)]
"""Seconds that a token is valid, if neither the reply that gives it nor the token itself says so."""
LoginsPerSecond = Annotated[float, Field(gt=0, le=100_000)]
"""The most log-ins per second of all parts of a rehearsal together: a platform may limit the log-ins of one address."""


class CountedAccounts(Record):
    """Candidates' accounts with numbered e-mail addresses, and one common password or signed tokens.

    `email` holds `{n}`, or `{n:04d}` for leading zeros; it is replaced by `first`, `first + 1`, and so on, `count`
    times. So is `{n}` in `id`, if the claims of signed tokens need an id.
    """

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ("kind",)

    kind: Literal["counted"] = "counted"
    email: str = Field(json_schema_extra={"pattern": f"^{_COUNTING.pattern}$"})
    password: SecretStr | None = None
    count: int = Field(ge=1, le=_MOST_ACCOUNTS)
    first: int = Field(1, ge=0, le=10**15)
    id: str | None = Field(None, json_schema_extra={"pattern": f"^{_COUNTING.pattern}$"})
    mint: Mint | None = None
    lifetime: Lifetime | None = None
    logins_per_second: LoginsPerSecond | None = None

    @field_validator("email", "id")
    @classmethod
    def _counts(cls, pattern: str | None) -> str | None:
        if pattern is not None and not _COUNTING.fullmatch(pattern):
            raise ValueError("must count candidates with {n}, or {n:04d} for leading zeros, and hold no other braces")
        return pattern

    @model_validator(mode="after")
    def _can_enter(self) -> Self:
        if self.mint is not None:
            _refuse_beside_mint(self.mint, self, "password", "lifetime")
        elif self.password is None:
            raise ValueError("needs a password, or mint")
        return self

    @property
    def made_at(self) -> float | None:
        """None: these accounts have no prepared token."""
        return None

    def account(self, index: int) -> Account:
        """The account of the candidate with this index, from 0."""
        number = self.first + index
        own_id = None if self.id is None else self.id.format(n=number)
        return Account(email=self.email.format(n=number), password=self.password, id=own_id, mint=self.mint)


class ListOfAccounts(Record):
    """Candidates' accounts, one by one. Their prepared tokens were made at `made_at` (seconds since the epoch), or
    earlier."""

    listed: tuple[Account, ...] = Field(repr=False)
    made_at: float
    mint: Mint | None = None
    lifetime: Lifetime | None = None

    @property
    def count(self) -> int:
        """The number of accounts."""
        return len(self.listed)

    def account(self, index: int) -> Account:
        """The account of the candidate with this index, from 0."""
        return self.listed[index]


class ListedAccounts(ListOfAccounts):
    """Candidates' accounts that a CSV file lists; `pytest_examday.config.accounts_file` reads it."""

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ("kind", "listed", "made_at")

    kind: Literal["listed"]
    file: Path
    logins_per_second: LoginsPerSecond | None = None

    @model_validator(mode="after")
    def _has_nothing_beside_mint(self) -> Self:
        if self.mint is not None:
            _refuse_beside_mint(self.mint, self, "lifetime", ids=True)  # each line of the file was asked for its id
        return self


class CommandedAccounts(Record):
    """Candidates' accounts that a command prints, as CSV, with prepared tokens.

    It runs again before each activity that needs accounts, so that their tokens are fresh.
    """

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ("kind",)

    kind: Literal["commanded"]
    command: str = Field(min_length=1)
    lifetime: Lifetime | None = None
    logins_per_second: LoginsPerSecond | None = None


CandidateAccounts = Annotated[CountedAccounts | ListedAccounts | CommandedAccounts, Field(discriminator="kind")]
