"""Tries row-level security as the role of the application: as one tenant, as none, and with a row of another tenant."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from pytest_examday.suites.staging.migrations.evidence import ForeignWrite, TenantTrial, TenantTrials
from pytest_examday.suites.staging.migrations.own_objects import own_objects
from pytest_examday.suites.staging.migrations.scratch import Connection, first_line
from pytest_examday.suites.staging.migrations.settings import TenantSettings

_READ = re.compile(r"current_setting\('([^']+)'")
_TABLES = """
    SELECT n.nspname || '.' || c.relname, c.relkind IN ('v', 'm'), c.relrowsecurity, c.relforcerowsecurity,
        c.relispartition,
        has_schema_privilege(%(role)s, n.oid, 'USAGE') AND has_table_privilege(%(role)s, c.oid, 'SELECT'),
        (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid),
        (SELECT string_agg(concat_ws(' ', pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)), ' ')
         FROM pg_policy p WHERE p.polrelid = c.oid),
        array_agg(a.attname::text)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE <own pg_class c>
        AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY n.oid, c.oid, 1, 2, 3, 4, 5 ORDER BY 1
    """
_WORST_FIRST: tuple[ForeignWrite, ...] = ("accepted", "refused", "untried")
_ROLE = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s"


def try_tenants(connection: Connection, settings: TenantSettings) -> TenantTrials:
    """Try every table and view that has the column of the tenant. The connection's role must be allowed to become the
    application's role."""
    row = connection.execute(_ROLE, [settings.role]).fetchone()
    if row is None:
        problem = f"the role {settings.role} does not exist after the chain"
    elif row[0] or row[1]:
        problem = f"the role {settings.role} {'is a superuser' if row[0] else 'has BYPASSRLS'}: no policy binds it"
    else:
        problem = ""
    if problem:
        return TenantTrials(role=settings.role, setting=settings.setting, role_problem=problem)
    trials = []
    for found in connection.execute(own_objects(_TABLES), {"role": settings.role}).fetchall():
        table, is_view, enabled, forced, is_partition, granted, policies, words, columns = found
        column = settings.columns.get(table, settings.column)
        if column not in columns or table in settings.exempt or ((is_partition or is_view) and not granted):
            continue
        trial = TenantTrial(
            table=table,
            is_view=is_view,
            enabled=enabled,
            forced=forced,
            policies=policies,
            granted=granted,
            settings_read=tuple(sorted(set(_READ.findall(words or "")))),
        )
        trials.append(_tried(connection, settings, trial, column) if granted else trial)
    return TenantTrials(role=settings.role, setting=settings.setting, tables=tuple(trials))


def _tried(connection: Connection, settings: TenantSettings, trial: TenantTrial, column: str) -> TenantTrial:
    name, field = sql.Identifier(*trial.table.split(".", 1)), sql.Identifier(column)
    tenants = connection.execute(
        sql.SQL("SELECT {0}::text, count(*) FROM {1} WHERE {0} IS NOT NULL GROUP BY 1 ORDER BY 1").format(field, name)
    ).fetchall()
    if len(tenants) < 2:
        lacking = f"{trial.table} holds rows of {len(tenants)} tenants, and two are needed"
        return trial.model_copy(update={"untried": lacking})
    (own, stored), (other, _) = tenants[0], tenants[1]
    whose = sql.SQL("SELECT count(*) FILTER (WHERE {0}::text = %s), count(*) FROM {1}").format(field, name)
    try:
        with _as_application(connection, settings, own):
            own_seen, seen = _numbers(connection, whose, own)
    except psycopg.Error as problem:
        return trial.model_copy(update={"untried": f"as {settings.role}: {first_line(problem)}", "stored": stored})
    try:
        with _as_application(connection, settings, None):
            _, unset_seen = _numbers(connection, whose, own)
    except psycopg.Error:  # a policy that wants a tenant refuses the query
        unset_seen = 0
    write: ForeignWrite = (
        "untried" if trial.is_view else _foreign_write(connection, settings, name, column, (own, other))
    )
    figures = {"own_seen": own_seen, "foreign_seen": seen - own_seen, "unset_seen": unset_seen}
    return trial.model_copy(update={"stored": stored, "foreign_write": write, **figures})


def _foreign_write(
    connection: Connection,
    settings: TenantSettings,
    name: sql.Identifier,
    column: str,
    tenants: tuple[str, str],
) -> ForeignWrite:
    """As the first tenant, give its rows to the second one, and write a copy of a row for it."""
    field = sql.Identifier(column)
    row = connection.execute(sql.SQL("SELECT pg_typeof({})::text FROM {} LIMIT 1").format(field, name)).fetchone()
    kind = sql.SQL("text" if row is None else row[0])
    own, other = tenants
    # Without a condition: PostgreSQL would want the new rows to be visible if the statement read any.
    update = sql.SQL("UPDATE {0} SET {1} = {2}::text::{3}").format(name, field, sql.Literal(other), kind)
    copied = sql.SQL("to_jsonb(x) || jsonb_build_object({}::text, {}::text)").format(column, other)
    insert = sql.SQL("INSERT INTO {0} SELECT (jsonb_populate_record(NULL::{0}, {1})).* FROM {0} x LIMIT 1")
    outcomes = {_tried_write(connection, settings, own, write) for write in (update, insert.format(name, copied))}
    return next((outcome for outcome in _WORST_FIRST if outcome in outcomes), "untried")


def _tried_write(
    connection: Connection, settings: TenantSettings, tenant: str, statement: sql.Composed
) -> ForeignWrite:
    try:
        with _as_application(connection, settings, tenant):
            changed = connection.execute(statement).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return "refused"
    except psycopg.errors.IntegrityError:  # policies are asked first: they have let it pass
        return "accepted"
    except psycopg.Error:
        return "untried"
    return "accepted" if changed else "untried"


@contextmanager
def _as_application(connection: Connection, settings: TenantSettings, tenant: str | None) -> Iterator[None]:
    """What is run in this block is run as the application's role for this tenant, and is taken back."""
    connection.execute("BEGIN")
    try:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(settings.role)))
        if tenant is not None:
            connection.execute("SELECT set_config(%s, %s, true)", [settings.setting, tenant])
        yield
    finally:
        connection.execute("ROLLBACK")


def _numbers(connection: Connection, query: sql.Composed, tenant: str) -> tuple[int, int]:
    row = connection.execute(query, [tenant]).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
