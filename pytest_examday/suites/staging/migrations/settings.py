"""The table `[env.NAME.staging.migrations]` of the configuration."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pytest_examday.config.addresses import DatabaseUrl
from pytest_examday.config.beside_configuration import ConfiguredPath
from pytest_examday.record import DESCRIBED_FIELDS, Record

Name = Annotated[str, Field(min_length=1)]
Transactions = Literal["auto", "always", "never"]


class TenantSettings(Record):
    """How row-level security separates tenants."""

    model_config = DESCRIBED_FIELDS

    role: Name
    """The role as which the application connects. It is neither the owner of the tables nor a superuser."""
    setting: Name
    """The setting that the application sets to the tenant of a request, for example `app.company_id`."""
    column: Name = "company_id"
    """The column that holds the tenant. Every table that has it must have policies."""
    columns: dict[Name, Name] = Field({})
    """Tables whose tenant is in another column, for example `{"public.companies" = "id"}`."""
    exempt: tuple[Name, ...] = ()
    """Tables that have the column and need no policy, for example `public.companies`."""
    forced: bool = True
    """Whether row-level security must be forced, so that it binds the owner of a table too."""


class MigrationCommands(Record):
    """A chain that a program runs, such as Alembic or Django."""

    model_config = DESCRIBED_FIELDS

    steps: Annotated[tuple[Name, ...], Field(min_length=1)]
    """The names of the migrations, in their order."""
    forward: Name
    """The shell command that migrates to `{step}`, for example `alembic upgrade {step}`."""
    back: Name | None = None
    """The shell command that goes back to `{previous}`, for example `alembic downgrade {previous}`."""
    base: Name = "base"
    """What `{previous}` is for the first migration. Django calls it `zero`."""
    address_variable: Name = "DATABASE_URL"
    """The environment variable in which the command finds the address of the scratch database."""
    address_scheme: Name = "postgresql"
    """The scheme of that address, for example `postgresql+psycopg`."""


class MigrationsSettings(Record):
    """The chain of migrations, and where it is rehearsed."""

    model_config = DESCRIBED_FIELDS

    folder: Annotated[ConfiguredPath, Field(validate_default=True)] = Path()
    """The folder of the chain. All other paths of this table start here, and commands run here."""
    files: Name | None = None
    """The pattern of the migrations, for example `migrations/*.sql`."""
    order: Literal["number", "name"] | tuple[Name, ...] = "number"
    """By the number with which a file's name begins, by name, or a list of all files' names."""
    rollbacks: Name | None = None
    """The path of a migration's rollback, with `{name}` (the migration's name without `.sql`) or `{number}`; for
    example `rollbacks/{name}.sql`."""
    without_rollback: tuple[Name, ...] = ()
    """The migrations that need no rollback."""
    transactions: Transactions = "auto"
    """Whether a file runs in one transaction: always, never, or unless a statement of the file refuses it."""
    without_transaction: tuple[Name, ...] = ()
    """The files that run without a transaction. A comment `-- no-transaction` in a file says the same."""
    together: tuple[tuple[Name, ...], ...] = ()
    """Groups of migrations that follow each other and run in one transaction."""
    commands: MigrationCommands | None = None
    """The commands of a chain that is not a set of SQL files."""
    setup: tuple[Path, ...] = ()
    """SQL files that run before the chain, for example to create roles."""
    extensions: tuple[Name, ...] = ()
    """The extensions that are created before the chain."""
    server_url: DatabaseUrl | None = None
    """A database on the server where the scratch database is created, as a superuser or a role with CREATEDB and
    BYPASSRLS. Without it the server of `staging.database_url` is used."""
    embedded: bool = False
    """Whether the scratch database is on a PostgreSQL of the rehearsal's own, and not on the configured server."""
    owner: Name | None = None
    """The role as which the SQL files run, for example the owner of the tables. The role of the server's address must
    be allowed to become this role."""
    server_version: Annotated[int, Field(ge=10)] | None = None
    """The major version that the server must have, for example 16."""
    scratch_database: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,50}$")] = "examday_scratch"
    """The name of the scratch database. It must not exist."""
    pg_dump: Path | None = None
    """The program `pg_dump`. Without it, that of the extra `local` or the one on the PATH is used."""
    seeds: dict[Name, Path] = Field({})
    """Migration -> an SQL file with rows that is run after it."""
    dump: Path | None = None
    """A dump of a database with rows (`pg_dump`, plain or custom format), on which the chain is run too."""
    dump_holds: Name | None = None
    """The last migration that the dump holds; without it the dump holds none."""
    rows_per_table: Annotated[int, Field(ge=2, le=10_000)] = 6
    """How many rows the rehearsal writes into every new or changed table."""
    never_null: tuple[Name, ...] = ()
    """Columns that may be NULL and never are, for example `public.events.person`: the rehearsal's rows have a value."""
    may_lose: tuple[Name, ...] = ()
    """The migrations that are meant to remove rows or values."""
    backfills: tuple[Name, ...] | None = None
    """The migrations whose UPDATE, INSERT and DELETE statements must find rows. Without it: those with `backfill` in
    their names."""
    tables: tuple[Name, ...] = ()
    """Tables that must exist after the chain, for example `public.events`."""
    indexes: tuple[Name, ...] = ()
    """Indexes that must exist after the chain, for example `public.events_by_company`."""
    tenants: TenantSettings | None = None
    """How row-level security separates tenants."""
    bookkeeping: tuple[Name, ...] = (
        "alembic_version",
        "django_migrations",
        "flyway_schema_history",
        "schema_migrations",
        "_prisma_migrations",
    )
    """Tables in which a program notes what it has run. They are not compared."""
    lock_limit_ms: Annotated[float, Field(gt=0)] = 1000
    """The longest time, in milliseconds, for which a migration may keep clients from reading or writing a table."""
    statement_seconds: Annotated[float, Field(gt=0)] = 60
    """The longest time, in seconds, that one statement or command may take."""

    @model_validator(mode="after")
    def _is_one_chain(self) -> Self:
        if (self.files is None) == (self.commands is None):
            raise ValueError("give the chain as files, or as commands: exactly one of the two")
        if self.commands is not None and (self.rollbacks or self.together):
            raise ValueError("rollbacks and together belong to files; a chain of commands goes back by commands.back")
        if self.rollbacks is not None and not ("{name}" in self.rollbacks or "{number}" in self.rollbacks):
            raise ValueError("rollbacks: write {name} or {number} where the path names its migration")
        if self.embedded and self.server_url is not None:
            raise ValueError("embedded and server_url are both set; scratch databases are made on one server")
        return self
