"""Phase 1: what the chain has made is judged: tables, indexes, constraints, foreign keys, row-level security."""

from collections.abc import Callable

from pytest_examday.core.findings import Findings
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.lines.migration_words import some_of, whole_of
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence, TenantTrial


def judge_tables(seen: MigrationsEvidence, findings: Findings) -> None:
    """The chain has created its tables, and each as the migration says that names it."""
    _require_all(seen)
    findings.fail_if(
        bool(seen.missing_tables), f"tables that the chain has not created: {whole_of(seen.missing_tables)}"
    )
    skipped = [skipped.message for skipped in seen.skipped if skipped.kind == "table"]
    findings.fail_if(
        bool(skipped), f"tables that IF NOT EXISTS has left as another migration made them: {some_of(skipped)}"
    )
    findings.fail_if(not seen.tables, "the chain has created no table")
    findings.add_fact(f"{len(seen.tables)} tables")


def judge_indexes(seen: MigrationsEvidence, findings: Findings) -> None:
    """The indexes exist and are valid."""
    _require_all(seen)
    invalid = [index.name for index in seen.indexes if not index.valid]
    findings.fail_if(bool(invalid), f"indexes that are invalid, so that no query uses them: {whole_of(invalid)}")
    findings.fail_if(bool(seen.missing_indexes), f"indexes that do not exist: {whole_of(seen.missing_indexes)}")
    skipped = [skipped.message for skipped in seen.skipped if skipped.kind == "index"]
    findings.fail_if(bool(skipped), f"indexes that IF NOT EXISTS has not created: {some_of(skipped)}")
    findings.doubt_if(not seen.indexes, "the chain has created no index")
    own = sum(not index.of_constraint for index in seen.indexes)
    findings.add_fact(f"{len(seen.indexes)} indexes, {own} of them not of a key")


def judge_constraints(seen: MigrationsEvidence, findings: Findings) -> None:
    """No constraint is NOT VALID, and no trigger is disabled. Foreign keys have a line of their own."""
    _require_all(seen)
    findings.fail_if(
        bool(seen.invalid_constraints), f"constraints NOT VALID for older rows: {whole_of(seen.invalid_constraints)}"
    )
    findings.fail_if(bool(seen.disabled_triggers), f"triggers that are disabled: {whole_of(seen.disabled_triggers)}")
    findings.add_fact("no constraint is NOT VALID, and no trigger is disabled")


def judge_foreign_keys(seen: MigrationsEvidence, findings: Findings) -> None:
    """Every foreign key is valid, and refuses a reference to a row that does not exist."""
    _require_all(seen)
    keys = seen.foreign_keys
    accepted = [key.name for key in keys if key.outcome == "accepted"]
    findings.fail_if(bool(accepted), f"foreign keys that accept a reference to nothing: {whole_of(accepted)}")
    invalid = [key.name for key in keys if not key.valid]
    findings.fail_if(bool(invalid), f"foreign keys NOT VALID for older rows: {whole_of(invalid)}")
    untried = [f"{key.name} ({key.reason})" for key in keys if key.outcome == "untried"]
    findings.doubt_if(not keys, "the chain has created no foreign key")
    findings.doubt_if(bool(untried), f"foreign keys that could not be tried: {some_of(untried)}")
    findings.add_fact(f"{sum(key.outcome == 'refused' for key in keys)} of {len(keys)} foreign keys refuse")


def judge_tenants(seen: MigrationsEvidence, findings: Findings) -> None:
    """Row-level security separates the tenants for the role of the application."""
    _require_all(seen)
    if seen.tenants is None:
        raise Unmeasurable("who the tenants are is not described; write the table staging.migrations.tenants")
    if seen.tenants.role_problem:
        raise Unmeasurable(seen.tenants.role_problem)
    tables = [table for table in seen.tenants.tables if not table.is_view]
    _fail_for(tables, lambda table: not table.enabled or not table.policies, "without row-level security", findings)
    if seen.forced_policies:
        _fail_for(
            tables,
            lambda table: table.enabled and not table.forced,
            "whose row-level security is not forced, so that their owner sees all rows",
            findings,
        )
    for table in seen.tenants.tables:
        _judge_tenant(table, seen.tenants.setting, findings)
    findings.doubt_if(not tables, "no table has the column of the tenant")
    tried = sum(table.granted and not table.untried for table in seen.tenants.tables)
    findings.add_fact(f"{tried} of {len(seen.tenants.tables)} tables and views tried as {seen.tenants.role}")


def _judge_tenant(table: TenantTrial, setting: str, findings: Findings) -> None:
    """Judge what one table showed to the application's role. Without row-level security, that alone is told."""
    if not table.granted or not (table.is_view or (table.enabled and table.policies)):
        return
    if table.untried:
        findings.doubt(f"{table.table}: {table.untried}")
        return
    if table.own_seen < table.stored:
        read = f"; its policies read {whole_of(table.settings_read)}" if table.settings_read else ""
        findings.fail(
            f"{table.table}: with {setting} set, a tenant sees {table.own_seen} of its {table.stored} rows{read}"
        )
    findings.fail_if(table.foreign_seen > 0, f"{table.table}: a tenant sees {table.foreign_seen} rows of others")
    findings.fail_if(table.unset_seen > 0, f"{table.table}: without a tenant, {table.unset_seen} rows are seen")
    findings.fail_if(table.foreign_write == "accepted", f"{table.table}: a tenant can give its rows to another tenant")


def _fail_for(tables: list[TenantTrial], wrong: Callable[[TenantTrial], bool], words: str, findings: Findings) -> None:
    names = [table.table for table in tables if wrong(table)]
    findings.fail_if(bool(names), f"{len(names)} of {len(tables)} tables {words}: {whole_of(names)}")


def _require_all(seen: MigrationsEvidence) -> None:
    """Raise Unmeasurable if the chain was not applied, so that what it makes could not be tried."""
    for part in ("with_rows", "constraints"):
        if part in seen.unrehearsed:
            raise Unmeasurable(f"not rehearsed, because {seen.unrehearsed[part]}")
