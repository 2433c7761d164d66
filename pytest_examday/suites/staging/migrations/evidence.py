"""What the rehearsal of the migrations saw."""

from typing import Literal

from pydantic import Field

from pytest_examday.evidence.quantities import Count, Milliseconds, Seconds
from pytest_examday.record import Record

ForeignWrite = Literal["refused", "accepted", "untried"]


class StepRun(Record):
    """One run of a migration or of a rollback."""

    name: str
    """The name of the migration, for a rollback too."""
    applied: bool
    error: str = ""
    """What the server or the command said, with file and line; empty if it was applied."""
    seconds: Seconds = 0


class SchemaChanges(Record):
    """How a schema differs from the one that it should be. Objects are named as in `table public.events`."""

    left: tuple[str, ...] = ()
    """Objects that should not be there."""
    missing: tuple[str, ...] = ()
    """Objects that should be there."""
    changed: tuple[str, ...] = ()
    """Objects that differ."""
    dump_lines: Count = 0
    """Lines by which the output of `pg_dump` differs."""
    dump_example: str = ""
    """The first of these lines."""

    @property
    def differs(self) -> bool:
        """Whether there is any difference."""
        return bool(self.left or self.missing or self.changed or self.dump_lines)


class RowLoss(Record):
    """Rows or values of a table that are gone or changed after a step that should have kept them."""

    name: str
    """The name of the migration."""
    what: str
    """Table and figures, for example `public.events: 6 rows before, 2 after`."""


class ChainEntry(Record):
    """One migration of the chain."""

    name: str
    has_rollback: bool
    absence_allowed: bool
    """Whether the configuration says that it needs no rollback."""
    in_transaction: bool


class SkippedObject(Record):
    """An object that a migration did not create in an empty database, because another one has its name already."""

    name: str
    """The name of the migration."""
    kind: Literal["table", "index", "object"]
    message: str
    """The server's notice, with file and line."""


class IdleBackfill(Record):
    """A statement that changes rows and matched none."""

    name: str
    """The name of the migration."""
    place: str
    """File and line."""
    status: str
    """What the server said, for example `UPDATE 0`."""
    expected: bool
    """Whether the migration is a backfill, whose statements must find rows."""


class RollbackTrial(Record):
    """One rollback right after its migration, and what was different then."""

    run: StepRun
    changes: SchemaChanges = SchemaChanges()
    """Against the schema before the migration."""
    losses: tuple[RowLoss, ...] = ()


class HalfFailure(Record):
    """A migration without a transaction that failed half way, and its rollback then."""

    name: str
    statements: str
    """How many of its statements had been run, for example `3 of 7`."""
    run: StepRun
    """The rollback."""
    changes: SchemaChanges


class HeldLock(Record):
    """An exclusive lock of a migration on a table that was there before."""

    name: str
    """The name of the migration."""
    table: str
    mode: str
    milliseconds: Milliseconds
    blind_milliseconds: Milliseconds
    """The longest time within it in which the rehearsal itself could not look."""


class ClientWait(Record):
    """The longest time that a client waited for a read or a write while a migration ran."""

    name: str
    """The name of the migration."""
    table: str
    milliseconds: Milliseconds
    blind_milliseconds: Milliseconds
    """The longest time within it in which the rehearsal itself could not look."""


class ClientWork(Record):
    """What a client did while migrations and rollbacks ran."""

    steps: Count
    """Migrations and rollbacks during which there were tables to work on."""
    transactions: Count
    refused: tuple[str, ...] = ()
    """What failed because of locks: a deadlock, or a time-out."""
    errors: tuple[str, ...] = ()
    """What failed for another reason, so that less was seen."""


class BackToEmpty(Record):
    """The whole way back, and the chain once more after it."""

    steps: tuple[RollbackTrial, ...]
    """Last migration first; each compared with the schema before its migration."""
    left_over: SchemaChanges
    """Against the schema before the chain, without what migrations that need no rollback have left."""
    forward_again: tuple[StepRun, ...]
    forward_changes: SchemaChanges
    """Against the schema after the chain on an empty database."""


class Rerun(Record):
    """The chain run a second time on a database that has it already."""

    steps: tuple[StepRun, ...]
    changes: SchemaChanges
    losses: tuple[RowLoss, ...]
    """Rows that were lost, changed or added."""


class ForeignKeyTrial(Record):
    """A foreign key, tried with a reference to a row that does not exist."""

    name: str
    """For example `public.events.events_company`."""
    valid: bool
    outcome: Literal["refused", "accepted", "untried"]
    reason: str = ""
    """Why it was not tried."""


class TenantTrial(Record):
    """Row-level security of one table, tried as the role of the application."""

    table: str
    is_view: bool
    enabled: bool
    forced: bool
    policies: Count
    granted: bool
    """Whether the role of the application may read the table."""
    stored: Count = 0
    """Rows of the tenant that were stored."""
    own_seen: Count = 0
    """Rows of the tenant that it saw."""
    foreign_seen: Count = 0
    """Rows of other tenants that it saw."""
    unset_seen: Count = 0
    """Rows that were seen while no tenant was set."""
    foreign_write: ForeignWrite = "untried"
    """What happened to a row that was given to another tenant."""
    untried: str = ""
    """Why it was not tried."""
    settings_read: tuple[str, ...] = ()
    """The settings that its policies read."""


class TenantTrials(Record):
    """Row-level security as a whole."""

    role: str
    setting: str
    role_problem: str = ""
    """Why the role proves nothing, for example because it is a superuser."""
    tables: tuple[TenantTrial, ...] = ()


class IndexState(Record):
    """One index after the chain."""

    name: str
    valid: bool
    of_constraint: bool


class MigrationsEvidence(Record):
    """What the rehearsal of the migrations saw."""

    server_version: str
    chain: tuple[ChainEntry, ...]
    by_commands: bool = False
    """Whether a program runs the chain, such as Alembic or Django."""
    from_empty: tuple[StepRun, ...]
    """Every migration on an empty database."""
    skipped: tuple[SkippedObject, ...] = ()
    tables: tuple[str, ...] = ()
    """The tables after the chain."""
    missing_tables: tuple[str, ...] = ()
    """Tables that the configuration names and that do not exist."""
    indexes: tuple[IndexState, ...] = ()
    missing_indexes: tuple[str, ...] = ()
    """Indexes that the configuration names and that do not exist."""
    invalid_constraints: tuple[str, ...] = ()
    """Constraints that are no foreign keys and were never checked against all rows."""
    disabled_triggers: tuple[str, ...] = ()
    rollbacks: tuple[RollbackTrial, ...] = ()
    """Every rollback right after its migration, in an empty database."""
    rollbacks_twice: tuple[RollbackTrial, ...] = ()
    """Every rollback once more after it, in an empty database."""
    rollbacks_twice_with_rows: tuple[RollbackTrial, ...] = ()
    """The same with rows."""
    forward_after_rollback: tuple[RollbackTrial, ...] = ()
    """Every migration once more after its rollback, against the schema after the migration."""
    half_failures: tuple[HalfFailure, ...] = ()
    with_rows: tuple[StepRun, ...] = ()
    """Every migration on a database with rows."""
    on_dump: tuple[StepRun, ...] = ()
    """Every migration on the restored dump."""
    losses: tuple[RowLoss, ...] = ()
    """Rows and values that migrations lost."""
    idle_backfills: tuple[IdleBackfill, ...] = ()
    filled: Count = 0
    """Tables into which rows were written."""
    unfilled: dict[str, str] = Field({})
    """Table without rows -> the reason."""
    rollbacks_with_rows: tuple[RollbackTrial, ...] = ()
    rerun: Rerun | None = None
    way_back: BackToEmpty | None = None
    foreign_keys: tuple[ForeignKeyTrial, ...] = ()
    tenants: TenantTrials | None = None
    locks: tuple[HeldLock, ...] = ()
    waits: tuple[ClientWait, ...] = ()
    client: ClientWork | None = None
    lock_limit_ms: Milliseconds = 1000
    forced_policies: bool = True
    """Whether row-level security must be forced."""
    unrehearsed: dict[str, str] = Field({})
    """Part of this record that was not measured -> the reason."""
    not_removed: tuple[str, ...] = ()
    """Databases and roles of the rehearsal that could not be removed, with the reason."""
