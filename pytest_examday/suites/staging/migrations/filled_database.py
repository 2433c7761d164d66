"""The chain on a database with rows: forward while a client works, each rollback, again, and all the way back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_examday.suites.staging.migrations.catalog import (
    read_disabled_triggers,
    read_indexes,
    read_invalid_constraints,
    read_tables,
)
from pytest_examday.suites.staging.migrations.chain import Migration
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
from pytest_examday.suites.staging.migrations.rebuild import Rebuilder
from pytest_examday.suites.staging.migrations.rows import Rows, changed, lost_back, lost_forward, read_rows
from pytest_examday.suites.staging.migrations.run_step import Ran, StepRunner
from pytest_examday.suites.staging.migrations.schema import Schema, SchemaReader
from pytest_examday.suites.staging.migrations.script import Script
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
    twice: list[RollbackTrial] = field(default_factory=list)
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

    rebuilder: Rebuilder
    reader: SchemaReader
    settings: MigrationsSettings
    filler: Filler
    observer: Observer
    empty: list[Schema]
    seen: FilledDatabase = field(default_factory=FilledDatabase)
    _schemas: list[Schema] = field(default_factory=list)

    def rehearse(self) -> FilledDatabase:
        """Rehearse. It ends at the first migration that fails."""
        self.rebuilder.renew()
        self._schemas = [self.reader.read()]
        for migration in self._migrations:
            if not self._forward(migration):
                return self.seen
        self.seen.complete = True
        self._try_constraints()
        self._rerun()
        self._way_back()
        return self.seen

    @property
    def _migrations(self) -> tuple[Migration, ...]:
        return self.rebuilder.chain.migrations

    @property
    def _runner(self) -> StepRunner:
        return self.rebuilder.runner

    def _rows(self) -> Rows:
        return read_rows(self._runner.server.reader(), self.settings.bookkeeping)

    def _forward(self, migration: Migration) -> bool:
        """Run one migration, write rows into what is new, and try its rollback. Return whether it was applied."""
        before = self._rows()
        tables = read_tables(self._runner.server.reader(), self.settings.bookkeeping)
        with self.observer.during(migration.name, tables):
            ran = self._runner.forward(migration)
        self.seen.steps.append(ran.step)
        if not ran.step.applied:
            return False
        self._schemas.append(self.reader.read())
        migrated = self._rows()
        self.seen.idle_backfills += self._idle(migration, ran, before)
        if not self._may_lose(migration):
            self.seen.losses += _losses(migration, lost_forward(before, migrated))
        error = self._write_rows(migration)
        if error is not None:
            self.seen.steps.append(error)
        if migration.has_rollback and not self._try_rollback(migration, before, migrated):
            self.rebuilder.up_to(migration, self._write_rows)
        return True

    def _write_rows(self, migration: Migration) -> StepRun | None:
        """Write rows into the tables that the migration has made or changed, and those of the configuration. Return
        what failed of the latter."""
        place = self._migrations.index(migration)
        old, new = (schema.catalog for schema in self._schemas[place : place + 2])
        changed_tables = [table for table in new.tables() if new.of_table(table) != old.of_table(table)]
        self.filler.fill(self._runner.server.reader(), changed_tables)
        for name in migration.name.split(" + "):
            seed = self._seed(name)
            if seed is not None:
                run = self._runner.scripts(f"rows of {seed.name}", (seed,), as_owner=False).step
                if not run.applied:
                    return run
        return None

    def _seed(self, name: str) -> Script | None:
        seeds = self.rebuilder.chain.seeds
        return seeds.get(name) or seeds.get(name.removesuffix(".sql"))

    def _try_rollback(self, migration: Migration, before: Rows, migrated: Rows) -> bool:
        """Back, back again, and forward again. Return whether the database has the migration and rows again, so that
        the next one can follow."""
        filled = self._rows()
        with self.observer.during(f"the rollback of {migration.name}", tuple(before)):
            run = self._runner.back(migration).step
        if not run.applied:
            self.seen.rollbacks.append(RollbackTrial(run=run))
            return False
        changes = self._schemas[-2].changes_to(self.reader.read())
        after = self._rows()
        losses = () if self._may_lose(migration) else _losses(migration, lost_back(before, migrated, filled, after))
        self.seen.rollbacks.append(RollbackTrial(run=run, changes=changes, losses=losses))
        if changes.differs or losses:
            return False
        if migration.command is None:
            again = self._runner.back(migration).step
            others = _losses(migration, changed(after, self._rows()))
            self.seen.twice.append(RollbackTrial(run=again, losses=others))
            if others:
                return False
        if any(self._seed(name) is not None for name in migration.name.split(" + ")):
            return False  # rows that were written once may not be written twice
        forward = self._runner.forward(migration).step
        if not forward.applied or self._schemas[-1].changes_to(self.reader.read()).differs:
            return False
        self._write_rows(migration)
        return True

    def _try_constraints(self) -> None:
        connection = self._runner.server.reader()
        self.seen.tables = read_tables(connection, self.settings.bookkeeping)
        self.seen.indexes = read_indexes(connection)
        self.seen.invalid_constraints = read_invalid_constraints(connection)
        self.seen.disabled_triggers = read_disabled_triggers(connection)
        self.seen.foreign_keys = try_foreign_keys(connection)
        if self.settings.tenants is not None:
            self.seen.tenants = try_tenants(connection, self.settings.tenants)

    def _rerun(self) -> None:
        """Run every migration once more. A program would go back to the first one, so it runs the last one alone."""
        before = self._rows()
        again = self._migrations if self.settings.commands is None else self._migrations[-1:]
        steps = tuple(self._runner.forward(migration).step for migration in again)
        changes = self._schemas[-1].changes_to(self.reader.read())
        losses = tuple(RowLoss(name="the chain", what=what) for what in changed(before, self._rows()))
        self.seen.rerun = Rerun(steps=steps, changes=changes, losses=losses)
        if changes.differs or losses or not all(step.applied for step in steps):
            self.rebuilder.up_to(self._migrations[-1], self._write_rows)

    def _way_back(self) -> None:
        """Run all rollbacks, the last one first, and then the chain once more."""
        steps = []
        allowed: set[str] = set()
        for place in range(len(self._migrations), 0, -1):
            migration = self._migrations[place - 1]
            if migration.has_rollback:
                steps.append(RollbackTrial(run=self._runner.back(migration).step))
            elif migration.absence_allowed:
                without, with_it = (self._schemas[number].catalog.objects for number in (place - 1, place))
                allowed |= with_it.keys() - without.keys()
        left = self.empty[0].changes_to(self.reader.read(dumped=True))
        if allowed and not set(left.left) - allowed:
            left = left.model_copy(update={"left": (), "dump_lines": 0, "dump_example": ""})
        again: tuple[StepRun, ...] = ()
        forward_changes = SchemaChanges()
        if all(step.run.applied for step in steps) and not left.differs:
            again = tuple(self._runner.forward(migration).step for migration in self._migrations)
            forward_changes = self.empty[-1].changes_to(self.reader.read(dumped=True))
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


def _losses(migration: Migration, found: Iterable[str]) -> tuple[RowLoss, ...]:
    return tuple(RowLoss(name=migration.name, what=what) for what in found)
