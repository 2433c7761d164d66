"""The typed environment: addresses, credentials, permissions, thresholds of one platform."""

from typing import Literal

from pydantic import Field, HttpUrl, SecretStr, field_validator

from pytest_examday.config.profiles import Profile
from pytest_examday.config.runtimes import NoRuntime, PlatformRuntime, Runtime
from pytest_examday.contract.model import Record

Permission = Literal["read", "write", "disrupt"]


class Account(Record):
    """Somebody who can log in."""

    email: str
    password: SecretStr


class CandidateAccounts(Record):
    """The candidates' accounts: `email` with `{n}` counts from `first`; all share one password."""

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


class Thresholds(Record, allow_inf_nan=False):
    """The limits of the GO/NO-GO criteria (seed 001) and of harm to a single candidate."""

    p95_ms: float = Field(500, gt=0)
    error_rate: float = Field(0.01, gt=0, lt=1)
    pool_usage: float = Field(0.8, gt=0, le=1)
    recovery_seconds: float = Field(60, gt=0)
    max_wait_seconds: float = Field(10, gt=0, description="a wait on one action beyond which a candidate is harmed")
    drill_wait_seconds: float = Field(30, gt=0, description="the same while a fault is in")
    slow_window_share: float = Field(0.25, gt=0, le=1, description="share of slow windows that is 'consistently'")
    delivered_share: float = Field(0.95, gt=0, le=1)
    generator_lag_ms: float = Field(100, gt=0)


class Environment(Record):
    """A named platform and what the rehearsal may do to it."""

    name: str
    api_url: HttpUrl | None = None
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    auth_token: SecretStr | None = None
    admin: Account | None = None
    candidates: CandidateAccounts | None = None
    runtime: Runtime = NoRuntime()
    logs: tuple[str, ...] = ()
    allow: tuple[Permission, ...] = ("read",)
    thresholds: Thresholds = Thresholds()
    profile: Profile = Profile()

    @property
    def embedded(self) -> bool:
        """Whether the rehearsal itself starts the platform."""
        return isinstance(self.runtime, PlatformRuntime) and self.runtime.state is None

    def allows(self, permission: Permission) -> bool:
        """Whether the configuration gives this permission."""
        return permission in self.allow
