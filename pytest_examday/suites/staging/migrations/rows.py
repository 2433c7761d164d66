"""Counts and checksums of all rows, and what a step has lost of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psycopg import sql

from pytest_examday.suites.staging.migrations.own_objects import own_objects
from pytest_examday.suites.staging.migrations.scratch import Connection

_COLUMNS = """
    SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c>
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY 1, 2 ORDER BY 1, 2
    """


@dataclass(frozen=True)
class ColumnSum:
    """The values of one column."""

    present: int
    """How many are not NULL."""
    checksum: str
    """A sum over hashes of all values, which does not depend on their order."""


@dataclass(frozen=True)
class TableSum:
    """The rows of one table."""

    count: int
    columns: dict[str, ColumnSum]


Rows = dict[str, TableSum]
"""Table -> its rows."""


def read_rows(connection: Connection, bookkeeping: Iterable[str] = ()) -> Rows:
    """Count and sum up the rows of all tables; those of partitions belong to the partitioned table. Tables with these
    names, without schema, are left out. The role must not be bound by row-level security."""
    left_out = set(bookkeeping)
    connection.execute("SET timezone = 'UTC'")
    rows: Rows = {}
    for schema, table, columns in connection.execute(own_objects(_COLUMNS)).fetchall():
        if table in left_out:
            continue
        sums = sql.SQL(", ").join(
            sql.SQL("count({0}), coalesce(sum(hashtextextended({0}::text, 0)), 0)::text").format(sql.Identifier(column))
            for column in columns
        )
        query = sql.SQL("SELECT count(*), {} FROM {}").format(sums, sql.Identifier(schema, table))
        row = connection.execute(query).fetchone()
        assert row is not None
        found = {
            column: ColumnSum(int(row[1 + 2 * place]), str(row[2 + 2 * place])) for place, column in enumerate(columns)
        }
        rows[f"{schema}.{table}"] = TableSum(int(row[0]), found)
    return rows


def lost_forward(before: Rows, after: Rows) -> Iterator[str]:
    """What a migration has lost of the rows of tables that it keeps: rows, or values of columns that it keeps."""
    for table, was in before.items():
        now = after.get(table)
        if now is None:
            if was.count:
                yield f"{table}: dropped with {_rows(was.count)}"
            continue
        if now.count < was.count:
            yield f"{table}: {_rows(was.count)} before, {now.count} after"
            continue
        for column, values in was.columns.items():
            kept = now.columns.get(column)
            if kept is None and values.present:
                yield f"{table}.{column}: dropped with {_values(values.present)}"
            elif kept is not None and kept.present < values.present:
                yield f"{table}.{column}: {_values(values.present)} before, {kept.present} after"


def lost_back(before: Rows, migrated: Rows, filled: Rows, after: Rows) -> Iterator[str]:
    """What a rollback has lost or changed.

    `before` are the rows before the migration, `migrated` those right after it, `filled` those before its rollback, and
    `after` those after it. Tables and rows that the migration itself has created may go.
    """
    for table, first in before.items():
        was, now = filled.get(table), after.get(table)
        own = 0 if table not in migrated else max(0, migrated[table].count - first.count)
        least = first.count if was is None else was.count - own
        if now is None:
            if least:
                yield f"{table}: gone with {_rows(least)}"
            continue
        if now.count < least:
            yield f"{table}: {_rows(least)} before the rollback, {now.count} after"
        elif was is None:
            yield from lost_forward({table: first}, after)
        else:
            yield from _lost_values(table, (first, migrated.get(table, first), was, now), own)


def _lost_values(table: str, sums: tuple[TableSum, TableSum, TableSum, TableSum], own: int) -> Iterator[str]:
    """The values that a rollback has lost or changed in a table that was there before the migration and after it.

    `sums` are those before the migration, after it, before the rollback and after it. `own` is the number of rows that
    the migration has created.
    """
    first, migrated, was, now = sums
    for column, old in first.columns.items():
        kept, between = now.columns.get(column), was.columns.get(column)
        if kept is None:
            continue  # the schema differs, which is told there
        if between is None:  # the migration has dropped the column
            if kept.present < old.present:
                yield f"{table}.{column}: {_values(old.present)} before the migration, {kept.present} after all"
        elif kept.present < between.present - own:
            yield f"{table}.{column}: {_values(between.present)} before the rollback, {kept.present} after"
        elif now.count == was.count and kept.checksum != between.checksum and old == migrated.columns.get(column):
            yield f"{table}.{column}: other values after the rollback"


def changed(before: Rows, after: Rows) -> Iterator[str]:
    """Every difference between the rows. Only NULL may have become a value, as a backfill does for newer rows."""
    for table in sorted(before.keys() | after.keys()):
        was, now = before.get(table), after.get(table)
        if was is None or now is None:
            yield f"{table}: {'new' if was is None else 'gone'}"
        elif was.count != now.count:
            yield f"{table}: {_rows(was.count)} before, {now.count} after"
        else:
            for column, values in was.columns.items():
                new = now.columns.get(column)
                if new is not None and new != values and new.present <= values.present:
                    yield f"{table}.{column}: other values"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"
