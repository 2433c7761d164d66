"""The typed environment: addresses, credentials, permissions, thresholds of one platform."""

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, field_validator, model_validator

from pytest_examday.config.profiles import Profile
from pytest_examday.config.runtimes import (
    NoRuntime,
    PlatformRuntime,
    Runtime,
    Toxiproxy,
)
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.record import Record

Permission = Literal["read", "write", "disrupt"]
_HOST = r"^([A-Za-z0-9][A-Za-z0-9._-]*|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$"
Host = Annotated[str, Field(pattern=_HOST), AfterValidator(str.lower)]
"""A name or an address, without a port."""
_PRODUCTION = frozenset({"prod", "production", "prd", "live"})
_WORD = re.compile(r"[^a-z0-9]+")


class Account(Record):
    """Somebody who can log in, or whose tokens were made before."""

    email: str
    password: SecretStr | None = None
    access_token: SecretStr | None = None
    refresh_token: SecretStr | None = None

    @model_validator(mode="after")
    def _can_enter(self) -> Self:
        if self.password is None and self.access_token is None:
            raise ValueError("needs a password, or an access_token")
        return self


class CountedAccounts(Record):
    """The candidates' accounts: `email` with `{n}` counts from `first`; all share one password."""

    DERIVED: ClassVar[tuple[str, ...]] = ("kind",)

    kind: Literal["counted"] = "counted"
    email: str = Field(pattern=r"\{n(:[^}]*)?\}")
    password: SecretStr
    count: int = Field(ge=1)
    first: int = 1

    @field_validator("email")
    @classmethod
    def _counts(cls, email: str) -> str:
        try:
            email.format(n=1)
        except (KeyError, IndexError, ValueError, AttributeError):
            raise ValueError(
                "must count candidates with {n}, or {n:04d} for leading zeros, and hold no other braces"
            ) from None
        return email

    def account(self, index: int) -> Account:
        """The account of the candidate with this index, from 0."""
        return Account(email=self.email.format(n=self.first + index), password=self.password)


class ListedAccounts(Record):
    """The candidates' accounts as a CSV file lists them (see `config.accounts`)."""

    DERIVED: ClassVar[tuple[str, ...]] = ("kind", "listed")

    kind: Literal["listed"]
    file: Path
    listed: tuple[Account, ...] = Field(repr=False)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.listed)

    def account(self, index: int) -> Account:
        """The account of the candidate with this index, from 0."""
        return self.listed[index]


CandidateAccounts = Annotated[CountedAccounts | ListedAccounts, Field(discriminator="kind")]


class Environment(Record):
    """A named platform and what the rehearsal may do to it."""

    DERIVED: ClassVar[tuple[str, ...]] = ("name", "profile", "platform")

    name: str
    api_url: HttpUrl | None = None
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    auth_token: SecretStr | None = None
    admin: Account | None = None
    candidates: CandidateAccounts | None = None
    runtime: Runtime = NoRuntime()
    toxiproxy: Toxiproxy | None = None
    logs: tuple[str, ...] = ()
    allow: tuple[Permission, ...] = ("read",)
    production: bool | None = None
    hosts: tuple[Host, ...] = ()
    k6: Path | None = None
    thresholds: Thresholds = Thresholds()
    profile: Profile = Profile()
    platform: PlatformDescription = PlatformDescription()

    @property
    def embedded(self) -> bool:
        """Whether the rehearsal itself starts the platform."""
        return isinstance(self.runtime, PlatformRuntime) and self.runtime.state is None

    @property
    def is_production(self) -> bool:
        """Whether people depend on it: `production` says so, or, where it says nothing, a word of the name does."""
        if self.production is not None:
            return self.production
        return not _PRODUCTION.isdisjoint(_WORD.split(self.name.lower()))

    def allows(self, permission: Permission) -> bool:
        """Whether the configuration gives this permission."""
        return permission in self.allow
