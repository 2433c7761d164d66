"""The typed environment: the addresses, credentials, permissions and limits of one platform."""

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationInfo, field_validator, model_validator

from pytest_examday.config.addresses import DatabaseUrl, RedisUrl
from pytest_examday.config.known_names import refuse_unknown
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
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_COUNTING = re.compile(r"[^{}]*(\{n(:0?[0-9]{0,2}[dxX]?)?\}[^{}]*)+")
_MOST_ACCOUNTS = 100_000_000


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("must be the name or the address of a host, without scheme, port or path")
    return text.lower()


Host = Annotated[str, AfterValidator(_host), Field(json_schema_extra={"pattern": f"^({_HOST.pattern})$"})]
"""A name or an address, without a port."""
_PRODUCTION = frozenset({"prod", "production", "prd", "live"})
_WORD = re.compile(r"[^a-z0-9]+")


class Account(Record):
    """A person's account: with a password, or with an access token that was made before the run."""

    email: str
    password: SecretStr | None = None
    access_token: SecretStr | None = None
    refresh_token: SecretStr | None = None

    @model_validator(mode="after")
    def _can_enter(self) -> Self:
        if self.password is None and self.access_token is None:
            raise ValueError("needs a password, or an access_token")
        return self


LoginsPerSecond = Annotated[float, Field(gt=0, le=100_000)]
"""All parts of a rehearsal together log in less often than that, because a platform may limit the log-ins of one
address."""


class CountedAccounts(Record):
    """Candidates' accounts with numbered e-mail addresses and one common password.

    `email` holds `{n}`, or `{n:04d}` for leading zeros; it is replaced by `first`, `first + 1`, and so on, `count`
    times.
    """

    DERIVED: ClassVar[tuple[str, ...]] = ("kind",)

    kind: Literal["counted"] = "counted"
    email: str = Field(json_schema_extra={"pattern": f"^{_COUNTING.pattern}$"})
    password: SecretStr
    count: int = Field(ge=1, le=_MOST_ACCOUNTS)
    first: int = Field(1, ge=0, le=10**15)
    logins_per_second: LoginsPerSecond | None = None

    @field_validator("email")
    @classmethod
    def _counts(cls, email: str) -> str:
        if not _COUNTING.fullmatch(email):
            raise ValueError("must count candidates with {n}, or {n:04d} for leading zeros, and hold no other braces")
        return email

    def account(self, index: int) -> Account:
        """The account of the candidate with this index, from 0."""
        return Account(email=self.email.format(n=self.first + index), password=self.password)


class ListedAccounts(Record):
    """Candidates' accounts that a CSV file lists; `pytest_examday.config.accounts_file` reads it."""

    DERIVED: ClassVar[tuple[str, ...]] = ("kind", "listed")

    kind: Literal["listed"]
    file: Path
    listed: tuple[Account, ...] = Field(repr=False)
    logins_per_second: LoginsPerSecond | None = None

    @property
    def count(self) -> int:
        """The number of accounts."""
        return len(self.listed)

    def account(self, index: int) -> Account:
        """The account of the candidate with this index, from 0."""
        return self.listed[index]


CandidateAccounts = Annotated[CountedAccounts | ListedAccounts, Field(discriminator="kind")]


Store = Literal["redis"]
"""A store that a platform may do without."""


class Environment(Record):
    """A named platform and what the rehearsal may do to it.

    `lacks` names the stores that the platform does not have: what disturbs them is no part of a rehearsal. `name`,
    `profile` and `platform` are set by the plugin; no configuration file may give them. `platform` is made of
    the keys in `WRITTEN_AS`.
    """

    DERIVED: ClassVar[tuple[str, ...]] = ("name", "profile", "platform")
    WRITTEN_AS: ClassVar[tuple[str, ...]] = ("contract", "schema", "log_format")

    name: str
    api_url: HttpUrl | None = None
    database_url: DatabaseUrl | None = None
    redis_url: RedisUrl | None = None
    auth_token: SecretStr | None = None
    admin: Account | None = None
    candidates: CandidateAccounts | None = None
    runtime: Runtime = NoRuntime()
    toxiproxy: Toxiproxy | None = None
    logs: tuple[str, ...] = ()
    allow: tuple[Permission, ...] = ("read",)
    production: bool | None = None
    hosts: tuple[Host, ...] = ()
    not_promised: tuple[str, ...] = ()
    lacks: tuple[Store, ...] = ()
    k6: Path | None = None
    thresholds: Thresholds = Thresholds()
    profile: Profile = Profile()
    platform: PlatformDescription = PlatformDescription()

    @field_validator("api_url")
    @classmethod
    def _is_a_base(cls, url: HttpUrl | None) -> HttpUrl | None:
        if url is not None and (url.query is not None or url.fragment is not None):
            raise ValueError("must be an address without ? and #: the paths of the contract are added to it")
        return url

    @field_validator("not_promised")
    @classmethod
    def _promises_are_known(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return refuse_unknown("promises", names, info)

    @model_validator(mode="after")
    def _lacks_what_it_names(self) -> Self:
        if self.without("redis") and self.redis_url is not None:
            raise ValueError("redis_url is set, and lacks names redis")
        return self

    def without(self, store: Store) -> bool:
        """Whether the platform does not have this store."""
        return store in self.lacks

    @property
    def embedded(self) -> bool:
        """Whether the rehearsal starts the platform itself."""
        return isinstance(self.runtime, PlatformRuntime) and self.runtime.state is None

    @property
    def is_production(self) -> bool:
        """Whether people depend on the platform. Where `production` is not set, an environment whose name has the word
        `prod`, `production`, `prd` or `live` is production."""
        if self.production is not None:
            return self.production
        return not _PRODUCTION.isdisjoint(_WORD.split(self.name.lower()))

    def allows(self, permission: Permission) -> bool:
        """Whether the configuration gives this permission."""
        return permission in self.allow
