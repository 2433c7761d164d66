"""The typed environment: the addresses, credentials, permissions and limits of one platform."""

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationInfo, field_validator, model_validator

from pytest_examday.config.accounts import Account, CandidateAccounts
from pytest_examday.config.addresses import DatabaseUrl, RedisUrl
from pytest_examday.config.changes import SUBJECT, Change, CleanUp, ExamModeSettings
from pytest_examday.config.profiles import Profile
from pytest_examday.config.runtimes import (
    EmbeddedSettings,
    NoServicesSettings,
    Runtime,
    ToxiproxySettings,
)
from pytest_examday.config.suite_names import refuse_unknown
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.sent_headers import SecretHeaderValue
from pytest_examday.contract.sql_file import SqlFile
from pytest_examday.contract.vocabulary import ADDRESS, Mistake
from pytest_examday.record import Record
from pytest_examday.several_mistakes import several_mistakes

_Kind = TypeVar("_Kind", bound=Record)

Permission = Literal["read", "write", "disrupt"]
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("must be the name or the address of a host, without scheme, port or path")
    return text.lower()


Host = Annotated[str, AfterValidator(_host), Field(json_schema_extra={"pattern": f"^({_HOST.pattern})$"})]
"""A name or an address, without a port."""
_PRODUCTION = frozenset({"prod", "production", "prd", "live"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

OptionalStore = Literal["redis"]
"""A store that a platform may do without."""

_LONGEST_LABEL = 63
"""The most characters between two dots of a host name."""


class Environment(Record):
    """A named platform and what the rehearsal may do to it. `docs/reference.md` explains the keys of the configuration.

    The plugin sets the fields in `SET_BY_PLUGIN`; no configuration file may give them. It makes `platform` of the keys
    in `SOURCE_KEYS`.
    """

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = (
        "name",
        "profile",
        "platform",
        "suites",
        "variables",
        "plain_variables",
    )
    SOURCE_KEYS: ClassVar[tuple[str, ...]] = ("contract", "schema", "log_format")

    name: str
    api_url: HttpUrl | None = None
    database_url: DatabaseUrl | None = None
    """The database, which is only read."""
    write_database_url: DatabaseUrl | None = None
    """The database for SQL that switches exam mode or cleans up."""
    redis_url: RedisUrl | None = None
    auth_token: SecretHeaderValue | None = None
    """A prepared token of the administrator."""
    admin: Account | None = None
    candidates: CandidateAccounts | None = None
    runtime: Runtime = NoServicesSettings()
    toxiproxy: ToxiproxySettings | None = None
    logs: tuple[str, ...] = ()
    """Patterns of the platform's log files."""
    log_command: Annotated[str, Field(min_length=1)] | None = None
    """A shell command that prints the platform's log lines."""
    allow: tuple[Permission, ...] = ("read",)
    production: bool | None = None
    """Whether people depend on the platform; None: its name says it, see `is_production`."""
    hosts: tuple[Host, ...] = ()
    """All hosts to which an address may lead; empty: any host."""
    not_promised: tuple[str, ...] = ()
    """The keys of lines that the platform does not promise."""
    gates: tuple[Annotated[str, Field(min_length=1)], ...] | None = None
    """The names of all gates of the user's tests; None: every test with the mark `gate` is one."""
    sql_checks: tuple[SqlFile, ...] = ()
    """The user's own SQL checks; a configuration file names their files."""
    lacks: tuple[OptionalStore, ...] = ()
    """The stores that the platform does not have. What disturbs them is no part of a rehearsal."""
    exam_mode: ExamModeSettings | None = None
    clean_up: CleanUp | None = None
    k6: Path | None = None
    """The k6 executable."""
    thresholds: Thresholds = Thresholds()
    profile: Profile = Profile()
    platform: PlatformDescription = PlatformDescription()
    suites: dict[str, Record] = Field({}, repr=False)
    """Name of a suite -> what its own table, `[env.NAME.SUITE]`, holds; a suite without that table is not in it."""
    variables: dict[str, SecretStr] = Field({}, repr=False)
    """The environment variables that the environment names as `${NAME}` and that may hold secrets. Shell commands find
    them in their environment."""
    plain_variables: dict[str, str] = Field({}, repr=False)
    """The other ones that it names."""

    @field_validator("api_url")
    @classmethod
    def _is_a_base(cls, url: HttpUrl | None) -> HttpUrl | None:
        if url is not None and (url.query is not None or url.fragment is not None):
            raise ValueError("must be an address without ? and #: the paths of the contract are added to it")
        longest = max(("" if url is None else url.host or "").split("."), key=len)
        if len(longest) > _LONGEST_LABEL:
            raise ValueError(
                f"has a part of {len(longest)} characters in its host name, and {_LONGEST_LABEL} are allowed"
            )
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
        if mode.on is not None and self.why_exam_mode_unreadable() is not None:
            words = "needs exam_mode.read or contract.exam_mode, so that exam mode can be seen"
            mistakes.append((("exam_mode", "on"), words))
        own = (*contract.kept_names, ADDRESS)
        for key, change in changes.items():
            valid = own if change is not self.clean_up else (*own, SUBJECT)
            unknown = () if change is None else change.unknown_placeholders(*valid)
            mistakes += (((*key.split("."), *place), words) for place, words in unknown)
        if mistakes:
            raise several_mistakes(mistakes)
        return self

    def why_exam_mode_unreadable(self) -> str | None:
        """Why exam mode cannot be read; None if the contract or `exam_mode.read` says how."""
        contract = self.platform.contract
        reads = self.exam_mode is not None and self.exam_mode.read is not None
        if reads or contract.exam_mode is not None or contract.exam_mode_variable is not None:
            return None
        return "neither the contract (`exam_mode`, `exam_mode_variable`) nor `exam_mode.read` tells exam mode"

    def table_of(self, suite: str, kind: type[_Kind]) -> _Kind | None:
        """What the suite's own table holds, as a record of this kind; None if the environment has no such table."""
        table = self.suites.get(suite)
        return table if isinstance(table, kind) else None

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
