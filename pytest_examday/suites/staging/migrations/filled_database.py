"""The chain on a database with rows: forward while a client works, each rollback on a copy, again, and all the way
back."""

from dataclasses import dataclass, field

from pytest_examday.suites.staging.migrations.catalog import (
    read_disabled_triggers,
    read_indexes,
    read_invalid_constraints,
    read_tables,
)
from pytest_examday.suites.staging.migrations.chain import Chain, Migration
from pytest_examday.suites.staging.migrations.client_work import Observer
from pytest_examday.suites.staging.migrations.evidence import (
    BackToEmpty,
    ForeignKeyTrial,
    IdleBackfill,
    IndexState,
    Rerun,
    RollbackTrial,
    RowLoss,
    SchemaChanges,
    StepRun,
    TenantTrials,
)
from pytest_examday.suites.staging.migrations.fill import Filler
from pytest_examday.suites.staging.migrations.foreign_keys import try_foreign_keys
from pytest_examday.suites.staging.migrations.rows import Rows, changed, lost_back, lost_forward, read_rows
from pytest_examday.suites.staging.migrations.run_step import Ran, StepRunner
from pytest_examday.suites.staging.migrations.schema import Schema, SchemaReader
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings
from pytest_examday.suites.staging.migrations.tenants import try_tenants

_CHANGING = ("INSERT", "UPDATE", "DELETE", "WITH", "MERGE")


@dataclass
class FilledDatabase:
    """What was seen on the database with rows."""

    steps: list[StepRun] = field(default_factory=list)
    losses: list[RowLoss] = field(default_factory=list)
    idle_backfills: list[IdleBackfill] = field(default_factory=list)
    rollbacks: list[RollbackTrial] = field(default_factory=list)
    tables: tuple[str, ...] = ()
    indexes: tuple[IndexState, ...] = ()
    invalid_constraints: tuple[str, ...] = ()
    disabled_triggers: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKeyTrial, ...] = ()
    tenants: TenantTrials | None = None
    rerun: Rerun | None = None
    way_back: BackToEmpty | None = None
    complete: bool = False
    """Whether every migration was applied."""


@dataclass
class FilledRehearsal:
    """Rehearses the chain on a database with rows.

    `empty` are the schemas of the chain on an empty database: before it, and after each migration.
    """

    runner: StepRunner
    reader: SchemaReader
    chain: Chain
    settings: MigrationsSettings
    filler: Filler
    observer: Observer
    empty: list[Schema]
    seen: FilledDatabase = field(default_factory=FilledDatabase)
    _schemas: list[Schema] = field(default_factory=list)

    def rehearse(self, database: str) -> FilledDatabase:
        """Rehearse in this database, in which the set-up has been run. It ends at the first migration that fails."""
        self._schemas = [self.reader.read(database, dumped=False)]
        for migration in self.chain.migrations:
            if not self._forward(migration, database):
                return self.seen
        self.seen.complete = True
        self._try_constraints(database)
        self._rerun(database)
        self._way_back(database)
        return self.seen

    def _rows(self, database: str) -> Rows:
        with self.runner.server.connected(database) as connection:
            return read_rows(connection, self.settings.bookkeeping)

    def _forward(self, migration: Migration, database: str) -> bool:
        """Run one migration, write rows into what is new, and try its rollback on a copy. Return whether it was
        applied."""
        before = self._rows(database)
        with self.runner.server.connected(database) as connection:
            tables = read_tables(connection, self.settings.bookkeeping)
        with self.observer.during(migration.name, tables):
            ran = self.runner.forward(migration, database)
        self.seen.steps.append(ran.step)
        if not ran.step.applied:
            return False
        self._schemas.append(self.reader.read(database, dumped=False))
        migrated = self._rows(database)
        self.seen.idle_backfills += self._idle(migration, ran, before)
        if not self._may_lose(migration):
            self.seen.losses += [RowLoss(name=migration.name, what=what) for what in lost_forward(before, migrated)]
        self._write_rows(migration, database)
        if migration.has_rollback:
            self._try_rollback(migration, database, before, migrated)
        return True

    def _write_rows(self, migration: Migration, database: str) -> None:
        """Write rows into the tables that the migration has made or changed; then those of the configuration."""
        old, new = (schema.catalog for schema in self._schemas[-2:])
        changed_tables = [table for table in new.tables() if new.of_table(table) != old.of_table(table)]
        with self.runner.server.connected(database) as connection:
            self.filler.fill(connection, changed_tables)
        for name in migration.name.split(" + "):
            seed = self.chain.seeds.get(name) or self.chain.seeds.get(name.removesuffix(".sql"))
            if seed is not None:
                run = self.runner.scripts(f"rows of {seed.name}", (seed,), database, as_owner=False).step
                if not run.applied:
                    self.seen.steps.append(run)

    def _try_rollback(self, migration: Migration, database: str, before: Rows, migrated: Rows) -> None:
        server, trial = self.runner.server, f"{database}_trial"
        filled = self._rows(database)
        server.create(trial, template=database)
        run = self.runner.back(migration, trial).step
        losses: list[str] = []
        changes = SchemaChanges()
        if run.applied:
            without = self._schemas[-2]
            changes = without.changes_to(self.reader.read(trial, dumped=False))
            if not self._may_lose(migration):
                losses = list(lost_back(before, migrated, filled, self._rows(trial)))
        server.drop(trial)
        found = tuple(RowLoss(name=migration.name, what=what) for what in losses)
        self.seen.rollbacks.append(RollbackTrial(run=run, changes=changes, losses=found))

    def _try_constraints(self, database: str) -> None:
        with self.runner.server.connected(database) as connection:
            self.seen.tables = read_tables(connection, self.settings.bookkeeping)
            self.seen.indexes = read_indexes(connection)
            self.seen.invalid_constraints = read_invalid_constraints(connection)
            self.seen.disabled_triggers = read_disabled_triggers(connection)
            self.seen.foreign_keys = try_foreign_keys(connection)
            if self.settings.tenants is not None:
                self.seen.tenants = try_tenants(connection, self.settings.tenants)

    def _rerun(self, database: str) -> None:
        """Run every migration once more, on a copy."""
        server, copy = self.runner.server, f"{database}_rerun"
        server.create(copy, template=database)
        before = self._rows(copy)
        steps = tuple(self.runner.forward(migration, copy).step for migration in self.chain.migrations)
        changes = self._schemas[-1].changes_to(self.reader.read(copy, dumped=False))
        losses = tuple(RowLoss(name="the chain", what=what) for what in changed(before, self._rows(copy)))
        self.seen.rerun = Rerun(steps=steps, changes=changes, losses=losses)
        server.drop(copy)

    def _way_back(self, database: str) -> None:
        """Run all rollbacks, the last one first, and then the chain once more."""
        steps = []
        allowed: set[str] = set()
        for place in range(len(self.chain.migrations), 0, -1):
            migration = self.chain.migrations[place - 1]
            without, with_it = (self._schemas[number].catalog.objects for number in (place - 1, place))
            if not migration.has_rollback:
                allowed |= with_it.keys() - without.keys() if migration.absence_allowed else set()
                continue
            run = self.runner.back(migration, database).step
            steps.append(RollbackTrial(run=run))
        left = self.empty[0].changes_to(self.reader.read(database))
        kept = tuple(key for key in left.left if key not in allowed)
        if allowed and not kept:
            left = left.model_copy(update={"left": (), "dump_lines": 0, "dump_example": ""})
        clean = all(step.run.applied for step in steps) and not left.differs
        again: tuple[StepRun, ...] = ()
        forward_changes = SchemaChanges()
        if clean:
            again = tuple(self.runner.forward(migration, database).step for migration in self.chain.migrations)
            forward_changes = self.empty[-1].changes_to(self.reader.read(database))
        self.seen.way_back = BackToEmpty(
            steps=tuple(steps), left_over=left, forward_again=again, forward_changes=forward_changes
        )

    def _may_lose(self, migration: Migration) -> bool:
        return any(
            name in self.settings.may_lose or name.removesuffix(".sql") in self.settings.may_lose
            for name in migration.name.split(" + ")
        )

    def _is_backfill(self, name: str) -> bool:
        listed = self.settings.backfills
        return "backfill" in name.lower() if listed is None else name in listed or name.removesuffix(".sql") in listed

    def _idle(self, migration: Migration, ran: Ran, before: Rows) -> list[IdleBackfill]:
        """The statements that change rows, if none of them matched a row although the database holds rows."""
        if not any(table.count for table in before.values()):
            return []
        expected = any(self._is_backfill(name) for name in migration.name.split(" + "))
        changing = [said for said in ran.said if said.statement.words[:1] and said.statement.words[0] in _CHANGING]
        if not all(said.status.split()[-1:] == ["0"] for said in changing):
            return []
        return [
            IdleBackfill(name=migration.name, place=said.place, status=said.status, expected=expected)
            for said in changing
        ]
