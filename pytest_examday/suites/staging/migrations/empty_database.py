"""The chain on an empty database: every migration forward, and every rollback right after its migration."""

from dataclasses import dataclass, field

import psycopg

from pytest_examday.suites.staging.migrations.chain import Migration
from pytest_examday.suites.staging.migrations.columns import Structure, read_structure
from pytest_examday.suites.staging.migrations.evidence import (
    HalfFailure,
    RollbackTrial,
    SkippedObject,
    StepRun,
)
from pytest_examday.suites.staging.migrations.rebuild import Rebuilder
from pytest_examday.suites.staging.migrations.run_step import Ran
from pytest_examday.suites.staging.migrations.schema import Schema, SchemaReader
from pytest_examday.suites.staging.migrations.scratch import Connection
from pytest_examday.suites.staging.migrations.statements import Statement


@dataclass
class EmptyDatabase:
    """What was seen on the empty database."""

    schemas: list[Schema] = field(default_factory=list)
    """Before the chain, and after each migration. The first and the last one were read by `pg_dump` too."""
    structure: Structure = field(default_factory=Structure)
    """The tables after the chain."""
    steps: list[StepRun] = field(default_factory=list)
    skipped: list[SkippedObject] = field(default_factory=list)
    rollbacks: list[RollbackTrial] = field(default_factory=list)
    twice: list[RollbackTrial] = field(default_factory=list)
    forward_again: list[RollbackTrial] = field(default_factory=list)
    half_failures: list[HalfFailure] = field(default_factory=list)


@dataclass(frozen=True)
class EmptyRehearsal:
    """Rehearses the chain on an empty database."""

    rebuilder: Rebuilder
    reader: SchemaReader

    def rehearse(self) -> EmptyDatabase:
        """Rehearse. If a migration fails, the later ones are still tried, and no rollback is."""
        self.rebuilder.renew()
        seen = EmptyDatabase(schemas=[self.reader.read(dumped=True)])
        migrations = self.rebuilder.chain.migrations
        failed = False
        for migration in migrations:
            ran = self.rebuilder.runner.forward(migration)
            seen.steps.append(ran.step)
            seen.skipped += _skipped(migration, ran)
            failed = failed or not ran.step.applied
            if failed:
                continue
            seen.schemas.append(self.reader.read(dumped=migration is migrations[-1]))
            if migration.has_rollback and not self._try_rollback(migration, seen):
                # what the rollback has spoilt must not disturb the next migration
                self.rebuilder.up_to(migration)
        if not failed:
            seen.structure = read_structure(self.rebuilder.runner.server.reader())
        return seen

    def _try_rollback(self, migration: Migration, seen: EmptyDatabase) -> bool:
        """Back, back again, and forward again; then back from half of the migration, if it can stop there. Return
        whether the database is as it was."""
        without, with_it = seen.schemas[-2], seen.schemas[-1]
        first = self._run(migration, back=True, expected=without)
        seen.rollbacks.append(first)
        if not _is_clean(first):
            return False
        if migration.command is None:  # a program knows what it has undone
            second = self._run(migration, back=True, expected=without)
            seen.twice.append(second)
            if second.changes.differs:
                return False
        forward = self._run(migration, back=False, expected=with_it)
        seen.forward_again.append(forward)
        if not _is_clean(forward):
            return False
        if not _stops_half_way(migration):
            return True
        self.rebuilder.runner.back(migration)
        half = self._half_way(migration, without)
        seen.half_failures.append(half)
        clean = half.run.applied and not half.changes.differs
        return clean and _is_clean(self._run(migration, back=False, expected=with_it))

    def _run(self, migration: Migration, *, back: bool, expected: Schema) -> RollbackTrial:
        runner = self.rebuilder.runner
        run = (runner.back(migration) if back else runner.forward(migration)).step
        return RollbackTrial(run=run, changes=expected.changes_to(self.reader.read()))

    def _half_way(self, migration: Migration, without: Schema) -> HalfFailure:
        """Run half of the statements, as if the next one had failed, and then the rollback."""
        runner = self.rebuilder.runner
        statements = migration.forward[0].statements
        most = max(1, len(statements) // 2)
        runner.scripts(migration.name, migration.forward, most=most)
        if most == len(statements):
            _spoil_new_index(runner.server.reader(), statements[-1])
        run = runner.back(migration).step
        changes = without.changes_to(self.reader.read())
        return HalfFailure(name=migration.name, statements=f"{most} of {len(statements)}", run=run, changes=changes)


def _is_clean(trial: RollbackTrial) -> bool:
    return trial.run.applied and not trial.changes.differs


def _stops_half_way(migration: Migration) -> bool:
    """Whether a failure can leave a part of the migration behind: it does not run in one transaction."""
    return migration.command is None and not migration.in_transaction


def _spoil_new_index(connection: Connection, statement: Statement) -> None:
    """Mark the index that the statement has built as invalid, as PostgreSQL does if CREATE INDEX CONCURRENTLY fails.
    Only a superuser may do so; for others the index stays valid."""
    if statement.words[:1] != ("CREATE",) or "CONCURRENTLY" not in statement.words:
        return
    try:
        connection.execute(
            "UPDATE pg_index SET indisvalid = false "
            "WHERE indexrelid = (SELECT max(oid) FROM pg_class WHERE relkind = 'i')"
        )
    except psycopg.errors.InsufficientPrivilege:
        return


def _skipped(migration: Migration, ran: Ran) -> list[SkippedObject]:
    found = []
    for message, statement in ran.skipped:
        is_index = "INDEX" in statement.words[:3]
        is_table = "TABLE" in statement.words[:4] and statement.words[0] == "CREATE"
        kind = "index" if is_index else "table" if is_table else "object"
        found.append(SkippedObject.model_validate({"name": migration.name, "kind": kind, "message": message}))
    return found
