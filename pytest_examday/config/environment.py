"""The typed environment: the addresses, credentials, permissions and limits of one platform."""

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationInfo, field_validator, model_validator

from pytest_examday.config.addresses import DatabaseUrl, RedisUrl
from pytest_examday.config.changes import SUBJECT, Change, CleanUp, ExamModeSettings
from pytest_examday.config.known_names import refuse_unknown
from pytest_examday.config.mint import Mint
from pytest_examday.config.profiles import Profile
from pytest_examday.config.runtimes import (
    EmbeddedSettings,
    NoServicesSettings,
    Runtime,
    ToxiproxySettings,
)
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.sent_headers import SecretHeaderValue
from pytest_examday.contract.sql_file import SqlFile
from pytest_examday.contract.vocabulary import ADDRESS, Mistake
from pytest_examday.record import Record
from pytest_examday.several_mistakes import several_mistakes

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
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Account(Record):
    """A person's account: with a password, with an access token that was made before the run, or with tokens that the
    rehearsal mints. `id` is for the claims of minted ones."""

    email: str
    password: SecretStr | None = None
    access_token: SecretHeaderValue | None = None
    refresh_token: SecretStr | None = None
    id: str | None = None
    mint: Mint | None = None

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
    """Candidates' accounts with numbered e-mail addresses, and one common password or tokens that are minted.

    `email` holds `{n}`, or `{n:04d}` for leading zeros; it is replaced by `first`, `first + 1`, and so on, `count`
    times. So does `id`, if the claims of minted tokens need one.
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
        """None: these accounts have no token that was made before the run."""
        return None

    def account(self, index: int) -> Account:
        """The account of the candidate with this index, from 0."""
        number = self.first + index
        own_id = None if self.id is None else self.id.format(n=number)
        return Account(email=self.email.format(n=number), password=self.password, id=own_id, mint=self.mint)


class ListOfAccounts(Record):
    """Candidates' accounts, one by one. Their tokens were made at `made_at` (seconds since the epoch), or earlier."""

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
    def _mints_alone(self) -> Self:
        if self.mint is not None:
            _refuse_beside_mint(self.mint, self, "lifetime", ids=True)  # each line of the file was asked for its id
        return self


class CommandedAccounts(Record):
    """Candidates' accounts that a command prints, as the CSV of a file: with tokens that it makes.

    It runs again before each activity that needs accounts, so that their tokens are fresh.
    """

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ("kind",)

    kind: Literal["commanded"]
    command: str = Field(min_length=1)
    lifetime: Lifetime | None = None
    logins_per_second: LoginsPerSecond | None = None


CandidateAccounts = Annotated[CountedAccounts | ListedAccounts | CommandedAccounts, Field(discriminator="kind")]


OptionalStore = Literal["redis"]
"""A store that a platform may do without."""


class Environment(Record):
    """A named platform and what the rehearsal may do to it.

    `database_url` is used only to read. `write_database_url` is for SQL that switches exam mode or cleans up.
    `log_command` prints the platform's log lines. `sql_checks` are the user's own SQL checks; a configuration file
    names their files. `lacks` names the stores that the platform does not have: what disturbs them is no part of a
    rehearsal. `name`, `profile`, `platform`, `variables` and `plain_variables` are set by the plugin; no configuration
    file may give them. `platform` is made of the keys in `SOURCE_KEYS`. `variables` and `plain_variables` are the
    environment variables that the environment names as `${NAME}`, those that may hold secrets and the others; shell
    commands find them in their environment.
    """

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ("name", "profile", "platform", "variables", "plain_variables")
    SOURCE_KEYS: ClassVar[tuple[str, ...]] = ("contract", "schema", "log_format")

    name: str
    api_url: HttpUrl | None = None
    database_url: DatabaseUrl | None = None
    write_database_url: DatabaseUrl | None = None
    redis_url: RedisUrl | None = None
    auth_token: SecretHeaderValue | None = None
    admin: Account | None = None
    candidates: CandidateAccounts | None = None
    runtime: Runtime = NoServicesSettings()
    toxiproxy: ToxiproxySettings | None = None
    logs: tuple[str, ...] = ()
    log_command: Annotated[str, Field(min_length=1)] | None = None
    allow: tuple[Permission, ...] = ("read",)
    production: bool | None = None
    hosts: tuple[Host, ...] = ()
    not_promised: tuple[str, ...] = ()
    gates: tuple[Annotated[str, Field(min_length=1)], ...] | None = None
    sql_checks: tuple[SqlFile, ...] = ()
    lacks: tuple[OptionalStore, ...] = ()
    exam_mode: ExamModeSettings | None = None
    clean_up: CleanUp | None = None
    k6: Path | None = None
    thresholds: Thresholds = Thresholds()
    profile: Profile = Profile()
    platform: PlatformDescription = PlatformDescription()
    variables: dict[str, SecretStr] = Field({}, repr=False)
    plain_variables: dict[str, str] = Field({}, repr=False)

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
    def _has_one_log(self) -> Self:
        if self.logs and self.log_command is not None:
            raise ValueError("logs and log_command are both set; the log is read by one of them")
        return self

    @model_validator(mode="after")
    def _lacks_what_it_names(self) -> Self:
        if self.lacks_store("redis") and self.redis_url is not None:
            raise ValueError("redis_url is set, and lacks names redis")
        return self

    @model_validator(mode="after")
    def _can_make_its_changes(self) -> Self:
        mode = self.exam_mode or ExamModeSettings()
        changes: dict[str, Change | None] = {
            "exam_mode.on": mode.on,
            "exam_mode.off": mode.off,
            "clean_up": self.clean_up,
        }
        mistakes: list[Mistake] = []
        writing = [f"{key}.sql" for key, change in changes.items() if change is not None and change.sql]
        if writing and self.write_database_url is None:
            mistakes.append((("write_database_url",), f"is missing; {' and '.join(writing)} need it"))
        if self.clean_up is not None and self.clean_up.sql and self.platform.schema_if_described is None:
            mistakes.append((("schema",), "is missing; clean_up.sql needs it, so that other exams are seen to stay"))
        reads_sql = mode.read is not None and mode.read.sql is not None
        if reads_sql and self.database_url is None and not isinstance(self.runtime, EmbeddedSettings):
            mistakes.append((("database_url",), "is missing; exam_mode.read.sql needs it"))
        contract = self.platform.contract
        if mode.on is not None and self.lacks_exam_mode() is not None:
            words = "needs exam_mode.read or contract.exam_mode, so that exam mode can be seen"
            mistakes.append((("exam_mode", "on"), words))
        own = (*contract.kept_names, ADDRESS)
        for key, change in changes.items():
            valid = own if change is not self.clean_up else (*own, SUBJECT)
            found = () if change is None else change.unknown_placeholders(*valid)
            mistakes += (((*key.split("."), *place), words) for place, words in found)
        if mistakes:
            raise several_mistakes(mistakes)
        return self

    def lacks_exam_mode(self) -> str | None:
        """Why exam mode cannot be read; None if the contract or `exam_mode.read` says how."""
        contract = self.platform.contract
        reads = self.exam_mode is not None and self.exam_mode.read is not None
        if reads or contract.exam_mode is not None or contract.exam_mode_variable is not None:
            return None
        return "neither the contract (`exam_mode`, `exam_mode_variable`) nor `exam_mode.read` tells exam mode"

    def lacks_store(self, store: OptionalStore) -> bool:
        """Whether the platform does not have this store."""
        return store in self.lacks

    @property
    def command_variables(self) -> dict[str, str]:
        """The environment variables for shell commands, in the clear."""
        return {**self.plain_variables, **{name: value.get_secret_value() for name, value in self.variables.items()}}

    @property
    def embedded(self) -> bool:
        """Whether the rehearsal starts the platform itself."""
        return isinstance(self.runtime, EmbeddedSettings) and self.runtime.state is None

    @property
    def is_production(self) -> bool:
        """Whether people depend on the platform. If `production` is not set, an environment whose name has the word
        `prod`, `production`, `prd` or `live` is production; words are separated by digits, signs and capitals."""
        if self.production is not None:
            return self.production
        return not _PRODUCTION.isdisjoint(word.lower() for word in _WORDS.findall(self.name))

    def allows(self, permission: Permission) -> bool:
        """Whether the configuration gives this permission."""
        return permission in self.allow
