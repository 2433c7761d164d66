"""Tries every foreign key: a row is made to refer to a row that does not exist, and the change is taken back."""

import psycopg
from psycopg import sql

from pytest_examday.suites.staging.migrations.columns import Column, ForeignKey, Structure, read_structure
from pytest_examday.suites.staging.migrations.evidence import ForeignKeyTrial
from pytest_examday.suites.staging.migrations.scratch import Connection, first_line

_NOBODY = {
    "uuid": "ffffffff-ffff-4fff-bfff-ffffffffffff",
    "smallint": "-32768",
    "integer": "-2147483648",
    "bigint": "-9223372036854775808",
    "numeric": "-1",
    "text": "examday-nobody",
    "character varying": "examday-nobody",
}
"""Type -> a value that no row has."""


def try_foreign_keys(connection: Connection) -> tuple[ForeignKeyTrial, ...]:
    """Try all foreign keys of the database."""
    structure = read_structure(connection)
    return tuple(_trial(connection, structure, key) for key in structure.foreign_keys)


def _trial(connection: Connection, structure: Structure, key: ForeignKey) -> ForeignKeyTrial:
    name = f"{key.table}.{key.name}"
    columns = {column.name: column for column in structure.columns[key.table]}
    changed = next((columns[one] for one in key.columns if _nobody(columns[one]) is not None), None)
    if changed is None:
        return _untried(name, key, f"no value is known that no row of {key.parent} has")
    try:
        accepted = _accepts(connection, key, changed)
    except psycopg.errors.ForeignKeyViolation:
        return ForeignKeyTrial(name=name, valid=key.valid, outcome="refused")
    except psycopg.Error as problem:
        return _untried(name, key, first_line(problem))
    if not accepted:
        return _untried(name, key, f"no row of {key.table} has values in {', '.join(key.columns)}")
    return ForeignKeyTrial(name=name, valid=key.valid, outcome="accepted")


def _accepts(connection: Connection, key: ForeignKey, column: Column) -> bool:
    """Whether a row could be changed. Raises psycopg.Error if the server refuses it."""
    table = sql.Identifier(*key.table.split(".", 1))
    present = sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in key.columns)
    change = sql.SQL(
        "UPDATE {table} SET {column} = %s::text::{kind} "
        "WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM {table} WHERE {present} LIMIT 1)"
    ).format(table=table, column=sql.Identifier(column.name), kind=sql.SQL(column.type), present=present)
    connection.execute("BEGIN")
    try:
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return connection.execute(change, [_nobody(column)]).rowcount > 0
    finally:
        connection.execute("ROLLBACK")


def _nobody(column: Column) -> str | None:
    value = _NOBODY.get(column.base)
    return value if value is None or column.length is None else value[: column.length]


def _untried(name: str, key: ForeignKey, reason: str) -> ForeignKeyTrial:
    return ForeignKeyTrial(name=name, valid=key.valid, outcome="untried", reason=reason)
