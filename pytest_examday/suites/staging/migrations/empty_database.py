"""The chain on an empty database: every migration forward, and every rollback right after its migration."""

from dataclasses import dataclass, field

import psycopg

from pytest_examday.suites.staging.migrations.chain import Chain, Migration
from pytest_examday.suites.staging.migrations.columns import Structure, read_structure
from pytest_examday.suites.staging.migrations.evidence import (
    HalfFailure,
    RollbackTrial,
    SkippedObject,
    StepRun,
)
from pytest_examday.suites.staging.migrations.run_step import Ran, StepRunner
from pytest_examday.suites.staging.migrations.schema import Schema, SchemaReader
from pytest_examday.suites.staging.migrations.statements import Statement


@dataclass
class EmptyDatabase:
    """What was seen on the empty database."""

    schemas: list[Schema] = field(default_factory=list)
    """Before the chain, and after each migration."""
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
    """Rehearses the chain on an empty database. Rollbacks are tried on copies, so that one that leaves something behind
    does not disturb the next migration."""

    runner: StepRunner
    reader: SchemaReader
    chain: Chain

    def rehearse(self, database: str) -> EmptyDatabase:
        """Rehearse in this database, in which the set-up has been run. If a migration fails, the later ones are still
        tried, and no rollback is."""
        seen = EmptyDatabase(schemas=[self.reader.read(database)])
        server = self.runner.server
        before, trial = f"{database}_before", f"{database}_trial"
        failed = False
        for migration in self.chain.migrations:
            halves = not failed and _stops_half_way(migration)
            if halves:
                server.create(before, template=database)
            ran = self.runner.forward(migration, database)
            seen.steps.append(ran.step)
            seen.skipped += _skipped(migration, ran)
            failed = failed or not ran.step.applied
            if not failed:
                seen.schemas.append(self.reader.read(database))
                if migration.has_rollback:
                    server.create(trial, template=database)
                    self._try_rollback(migration, trial, seen)
                    server.drop(trial)
                if halves and migration.has_rollback:
                    seen.half_failures.append(self._half_way(migration, before, seen.schemas[-2]))
            server.drop(before)
        if not failed:
            with server.connected(database) as connection:
                seen.structure = read_structure(connection)
        return seen

    def _try_rollback(self, migration: Migration, trial: str, seen: EmptyDatabase) -> None:
        """Back, back again, and forward again."""
        without, with_it = seen.schemas[-2], seen.schemas[-1]
        first = RollbackTrial(
            run=self.runner.back(migration, trial).step, changes=without.changes_to(self.reader.read(trial))
        )
        seen.rollbacks.append(first)
        if not first.run.applied or first.changes.differs:
            return  # what comes after it would say the same again
        second = self.runner.back(migration, trial).step if migration.command is None else None
        if second is not None:
            changes = without.changes_to(self.reader.read(trial, dumped=False).with_dump_of(without))
            seen.twice.append(RollbackTrial(run=second, changes=changes))
            if changes.differs:
                return
        forward = self.runner.forward(migration, trial).step
        changes = with_it.changes_to(self.reader.read(trial, dumped=False).with_dump_of(with_it))
        seen.forward_again.append(RollbackTrial(run=forward, changes=changes))

    def _half_way(self, migration: Migration, database: str, without: Schema) -> HalfFailure:
        """Run half of the statements, as if the next one had failed, and then the rollback."""
        count = len(migration.forward[0].statements)
        most = max(1, count // 2)
        self.runner.scripts(migration.name, migration.forward, database, most=most)
        if most == count:
            with self.runner.server.connected(database) as connection:
                _spoil_new_indexes(connection, migration.forward[0].statements[-1])
        run = self.runner.back(migration, database).step
        changes = without.changes_to(self.reader.read(database, dumped=False).with_dump_of(without))
        return HalfFailure(name=migration.name, statements=f"{most} of {count}", run=run, changes=changes)


def _stops_half_way(migration: Migration) -> bool:
    """Whether a failure can leave a part of the migration behind: it does not run in one transaction."""
    return migration.command is None and not migration.in_transaction


def _spoil_new_indexes(connection: "psycopg.Connection[tuple[object, ...]]", statement: Statement) -> None:
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
