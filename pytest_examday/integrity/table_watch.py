"""Counts the rows of a platform's tables repeatedly, to find the tables that changed in between."""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

from psycopg import sql

from pytest_examday.contract.schema import Schema
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.table_snapshot import TableSnapshot
from pytest_examday.target.database import Connection

_COUNTED_BYTES = 128 * 1024 * 1024
"""Tables are counted from the smallest on until they have this size together. Of larger ones the server's own counters
are read, which may be some seconds late."""
_PLAIN_NAME = re.compile(r'[\w".]+')
_TABLES = """
    SELECT n.nspname AS schema, c.relname AS name, pg_relation_size(c.oid) AS bytes,
           ARRAY(SELECT whole.relname FROM pg_partition_ancestors(c.oid) AS above
                 JOIN pg_class whole ON whole.oid = above.relid WHERE whole.oid <> c.oid)::text[] AS part_of,
           CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') OR NOT has_table_privilege(c.oid, 'SELECT')
                    THEN 'this role may not read it'
                WHEN row_security_active(c.oid) THEN 'row level security hides rows from this role' END AS hidden
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    ORDER BY bytes, schema, name
"""
_SCHEMA_OF = """
    SELECT n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = to_regclass(%s)
"""
_HEAD = "SELECT NULL AS number, txid_snapshot_xmax(txid_current_snapshot()) AS rows, NULL::bigint AS fresh"
# A row that was written since the last count has a transaction id that no transaction had begun with at that moment.
_COUNT = """
    SELECT {number}, count(*), count(*) FILTER (WHERE age(xmin) <= age(({since} % 4294967296)::text::xid))
    FROM {table}
"""
_COUNTERS = """
    SELECT schemaname AS schema, relname AS name, n_tup_ins + n_tup_upd AS written, n_tup_upd + n_tup_del AS gone
    FROM pg_stat_user_tables
"""


@dataclass(frozen=True)
class Table:
    """A table of the database."""

    schema: str
    name: str
    hidden: str | None
    """Why it cannot be read; None if it can."""
    counted: bool
    """Whether its rows are counted; otherwise the server's own counters are read."""
    own: bool
    """Whether it is in a schema that holds tables of the exam."""
    part_of: tuple[str, ...] = ()
    """The partitioned tables of which it is a partition."""

    def __str__(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    def is_named(self, name: str) -> bool:
        """Whether the name, with or without its schema, means this table or one of which it is a partition."""
        names = (self.name, *self.part_of)
        return name in names or name in (f"{self.schema}.{table}" for table in names)


@dataclass(frozen=True)
class RowChanges:
    """The changes of a table's rows between two counts."""

    written: int
    """Rows that are new or changed."""
    gone: int
    """Rows that were deleted or replaced."""


@dataclass(frozen=True)
class _Counts:
    """The result of one count."""

    before_transaction: int
    """The id of the first transaction that had not begun at the count."""
    rows: dict[Table, int]
    counters: dict[Table, tuple[int, int]]
    """The rows that were written and that are gone, by the server's own counters."""


class TableWatch:
    """Counts the rows of the tables of one database. Each count returns what has changed since the one before.

    If a count fails, `unmeasured` says why, and later counts return nothing.
    """

    def __init__(self, database: Callable[[], AbstractContextManager[Connection]], schema: Schema) -> None:
        self.unmeasured: str | None = None
        self.tables: tuple[Table, ...] = ()
        self._database = database
        self._schema = schema
        self._last = _Counts(0, {}, {})
        self.count()

    def count(self) -> dict[Table, RowChanges]:
        """What has changed since the last count, table by table; empty for the first count."""
        if self.unmeasured is not None:
            return {}
        try:
            with self._database() as connection:
                first = not self.tables
                if first:
                    self.tables = tables_of(connection, self._schema)
                before, (self._last, fresh) = self._last, self._read(connection)
        except Unmeasurable as reason:
            self.unmeasured = str(reason)
            return {}
        return {} if first else _changes(before, self._last, fresh)

    def snapshot(self, tables: Iterable[Table]) -> TableSnapshot:
        """The row counts of these tables at the last count, for a comparison with a much later one. Tables whose rows
        are not counted are left out."""
        rows = {str(table): self._last.rows[table] for table in tables if table in self._last.rows}
        return TableSnapshot(before_transaction=self._last.before_transaction, rows=rows)

    def since(self, snapshot: TableSnapshot) -> dict[str, RowChanges]:
        """What has changed since an earlier watch made the snapshot. Tables that are gone or not counted any more are
        left out."""
        if self.unmeasured is not None:
            return {}
        rows_before = {table: snapshot.rows[str(table)] for table in self.tables if str(table) in snapshot.rows}
        try:
            with self._database() as connection:
                now, fresh = self._read(connection, snapshot.before_transaction)
        except Unmeasurable as reason:
            self.unmeasured = str(reason)
            return {}
        changes = _changes(_Counts(snapshot.before_transaction, rows_before, {}), now, fresh)
        return {str(table): change for table, change in changes.items()}

    def _read(self, connection: Connection, since: int | None = None) -> tuple[_Counts, dict[Table, int]]:
        counted = [table for table in self.tables if table.counted and table.hidden is None]
        parts = [
            sql.SQL(_COUNT).format(
                number=sql.Literal(number),
                since=sql.Literal(self._last.before_transaction if since is None else since),
                table=sql.Identifier(table.schema, table.name),
            )
            for number, table in enumerate(counted)
        ]
        rows = connection.execute(sql.SQL("\nUNION ALL ").join([sql.SQL(_HEAD), *parts])).fetchall()
        by_number = {row["number"]: (int(str(row["rows"])), int(str(row["fresh"] or 0))) for row in rows}
        counts = _Counts(
            before_transaction=by_number[None][0],
            rows={table: by_number[number][0] for number, table in enumerate(counted)},
            counters=self._counters(connection),
        )
        return counts, {table: by_number[number][1] for number, table in enumerate(counted)}

    def _counters(self, connection: Connection) -> dict[Table, tuple[int, int]]:
        large = {(table.schema, table.name): table for table in self.tables if not table.counted}
        if not large:
            return {}
        rows = connection.execute(sql.SQL(_COUNTERS)).fetchall()
        by_name = {(row["schema"], row["name"]): (int(str(row["written"])), int(str(row["gone"]))) for row in rows}
        return {table: by_name[key] for key, table in large.items() if key in by_name}


def tables_of(connection: Connection, schema: Schema) -> tuple[Table, ...]:
    """All tables of the database, the smallest first. Raises Unmeasurable on a replica, which may lag."""
    replica = connection.execute("SELECT pg_is_in_recovery() AS replica").fetchone()
    if replica is not None and replica["replica"]:
        raise Unmeasurable("the database is a replica, which may show writes late")
    schemas = _schemas_of(connection, schema)
    tables: list[Table] = []
    total = 0
    for row in connection.execute(_TABLES).fetchall():
        total += int(str(row["bytes"] or 0))
        table_schema = str(row["schema"])
        hidden = None if row["hidden"] is None else str(row["hidden"])
        counted, own = total <= _COUNTED_BYTES, not schemas or table_schema in schemas
        part_of = tuple(map(str, cast("list[str]", row["part_of"])))
        tables.append(Table(table_schema, str(row["name"]), hidden, counted, own, part_of))
    if not tables:
        raise Unmeasurable("the database has no table that this role can see")
    return tuple(tables)


def _schemas_of(connection: Connection, schema: Schema) -> frozenset[str]:
    """The schemas that hold tables of the exam."""
    schemas: set[str] = set()
    for relation in schema.relations.values():
        if _PLAIN_NAME.fullmatch(relation.table):
            row = connection.execute(_SCHEMA_OF, (relation.table,)).fetchone()
            schemas |= set() if row is None else {str(row["schema"])}
    return frozenset(schemas)


def _changes(before: _Counts, now: _Counts, fresh: dict[Table, int]) -> dict[Table, RowChanges]:
    counted = {
        table: RowChanges(fresh[table], before.rows[table] - (rows - fresh[table]))
        for table, rows in now.rows.items()
        if table in before.rows
    }
    by_counters = {
        table: RowChanges(written - before.counters[table][0], gone - before.counters[table][1])
        for table, (written, gone) in now.counters.items()
        if table in before.counters
    }
    return {table: change for table, change in {**counted, **by_counters}.items() if change != RowChanges(0, 0)}
