"""Rehearses a chain of migrations on scratch databases, and returns what was seen."""

from contextlib import suppress
from dataclasses import dataclass

import psycopg

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.migrations.chain import Chain, read_chain
from pytest_examday.suites.staging.migrations.client_work import Observer
from pytest_examday.suites.staging.migrations.empty_database import EmptyDatabase, EmptyRehearsal
from pytest_examday.suites.staging.migrations.evidence import (
    ChainEntry,
    ClientWork,
    MigrationsEvidence,
    StepRun,
)
from pytest_examday.suites.staging.migrations.fill import Filler
from pytest_examday.suites.staging.migrations.filled_database import FilledDatabase, FilledRehearsal
from pytest_examday.suites.staging.migrations.rebuild import Rebuilder
from pytest_examday.suites.staging.migrations.restored_dump import RestoredDump, rehearse_on_dump
from pytest_examday.suites.staging.migrations.run_step import StepRunner, undefined_table
from pytest_examday.suites.staging.migrations.schema import SchemaReader
from pytest_examday.suites.staging.migrations.scratch import ScratchServer, database_name, first_line, scratch_server
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings
from pytest_examday.suites.staging.postgres_programs import find_program


def rehearse(settings: MigrationsSettings, server_url: str, staging_url: str | None = None) -> MigrationsEvidence:
    """Rehearse the chain on the server of `server_url`. `staging_url` is the address of the staging database, which is
    never touched.

    Raises Unmeasurable, before anything runs, with every mistake in the chain, and if no scratch database can be made.
    """
    chain = read_chain(settings)
    pg_dump = find_program("pg_dump", settings.pg_dump)
    with scratch_server(
        server_url,
        settings.scratch_database,
        version=settings.server_version,
        forbidden=database_name(staging_url),
        statement_seconds=settings.statement_seconds,
    ) as server:
        roles = server.roles()
        rehearsal = _Rehearsal(settings, chain, server, SchemaReader(server, pg_dump, settings.bookkeeping))
        try:
            evidence = rehearsal.run()
        except psycopg.OperationalError as problem:
            raise Unmeasurable(f"the server of the scratch databases went away: {first_line(problem)}") from None
        finally:
            server.close()
            with suppress(psycopg.OperationalError):  # a server that went away keeps its roles
                server.drop_roles((server.roles() - roles) & chain.created_roles)
    return evidence.model_copy(update={"not_removed": tuple(server.problems)})


@dataclass(frozen=True)
class _Rehearsal:
    settings: MigrationsSettings
    chain: Chain
    server: ScratchServer
    reader: SchemaReader

    @property
    def _runner(self) -> StepRunner:
        return StepRunner(self.server, self.settings.folder, self.settings.owner, self.settings.commands)

    @property
    def _rebuilder(self) -> Rebuilder:
        return Rebuilder(self._runner, self.chain, self.settings)

    def run(self) -> MigrationsEvidence:
        """All parts, one after the other; a part that needs an earlier one is left out if that failed."""
        empty = self._on_empty()
        evidence = MigrationsEvidence(
            server_version=self.server.server_version(),
            chain=tuple(
                ChainEntry(
                    name=one.name,
                    has_rollback=one.has_rollback,
                    absence_allowed=one.absence_allowed,
                    in_transaction=one.in_transaction,
                )
                for one in self.chain.migrations
            ),
            by_commands=self.settings.commands is not None,
            from_empty=tuple(self._with_hints(empty.steps)),
            skipped=tuple(empty.skipped),
            rollbacks=tuple(empty.rollbacks),
            rollbacks_twice=tuple(empty.twice),
            forward_after_rollback=tuple(empty.forward_again),
            half_failures=tuple(empty.half_failures),
            lock_limit_ms=self.settings.lock_limit_ms,
            forced_policies=self.settings.tenants is None or self.settings.tenants.forced,
        )
        failed = next((step for step in empty.steps if not step.applied), None)
        if failed is not None:
            reason = f"{failed.name} fails on an empty database"
            return evidence.model_copy(update={"unrehearsed": dict.fromkeys(("with_rows", "on_dump"), reason)})
        return self._on_dump(self._on_filled(evidence, empty))

    def _on_empty(self) -> EmptyDatabase:
        return EmptyRehearsal(self._rebuilder, self.reader).rehearse()

    def _on_filled(self, evidence: MigrationsEvidence, empty: EmptyDatabase) -> MigrationsEvidence:
        filler = Filler(
            rows_per_table=self.settings.rows_per_table,
            never_null=frozenset(self.settings.never_null),
            later=empty.structure,
            bookkeeping=frozenset(self.settings.bookkeeping),
        )
        observer = Observer(self.server)
        rehearsal = FilledRehearsal(self._rebuilder, self.reader, self.settings, filler, observer, empty.schemas)
        return _with_filled(evidence, rehearsal.rehearse(), filler, observer, self.settings)

    def _on_dump(self, evidence: MigrationsEvidence) -> MigrationsEvidence:
        if self.settings.dump is None:
            return evidence
        seen = RestoredDump()
        unrehearsed = dict(evidence.unrehearsed)
        self._rebuilder.renew()
        try:
            seen = rehearse_on_dump(self._runner, self.chain, self.settings, self.settings.folder / self.settings.dump)
        except Unmeasurable as reason:
            unrehearsed["on_dump"] = str(reason)
        losses = (*evidence.losses, *seen.losses)
        return evidence.model_copy(update={"on_dump": tuple(seen.steps), "losses": losses, "unrehearsed": unrehearsed})

    def _with_hints(self, steps: list[StepRun]) -> list[StepRun]:
        """The steps; an error about a table that a later file creates says so."""
        hinted = []
        for place, step in enumerate(steps):
            table = undefined_table(step.error)
            later = (
                one.name
                for one in self.chain.migrations[place + 1 :]
                if table is not None and any(table in script.created_tables for script in one.forward)
            )
            maker = next(later, None)
            hint = "" if maker is None else f"; {maker} creates it later"
            hinted.append(step.model_copy(update={"error": f"{step.error}{hint}"}))
        return hinted


def _with_filled(
    evidence: MigrationsEvidence,
    seen: FilledDatabase,
    filler: Filler,
    observer: Observer,
    settings: MigrationsSettings,
) -> MigrationsEvidence:
    unrehearsed = dict(evidence.unrehearsed)
    if not seen.complete:
        failed = seen.steps[-1].name
        reason = f"{failed} fails on a database with rows"
        unrehearsed |= dict.fromkeys(("constraints", "rerun", "way_back"), reason)
    indexes = {index.name for index in seen.indexes}
    return evidence.model_copy(
        update={
            "tables": seen.tables,
            "missing_tables": tuple(name for name in settings.tables if seen.complete and name not in seen.tables),
            "indexes": seen.indexes,
            "missing_indexes": tuple(name for name in settings.indexes if seen.complete and name not in indexes),
            "invalid_constraints": seen.invalid_constraints,
            "disabled_triggers": seen.disabled_triggers,
            "with_rows": tuple(seen.steps),
            "losses": tuple(seen.losses),
            "idle_backfills": tuple(seen.idle_backfills),
            "filled": len(filler.filled),
            "unfilled": dict(sorted(filler.unfilled.items())),
            "rollbacks_with_rows": tuple(seen.rollbacks),
            "rollbacks_twice_with_rows": tuple(seen.twice),
            "rerun": seen.rerun,
            "way_back": seen.way_back,
            "foreign_keys": seen.foreign_keys,
            "tenants": seen.tenants,
            "locks": tuple(observer.locks),
            "waits": tuple(observer.waits),
            "client": ClientWork(
                steps=observer.steps,
                transactions=observer.transactions,
                refused=tuple(observer.refused),
                errors=tuple(observer.errors),
            ),
            "unrehearsed": unrehearsed,
        }
    )
