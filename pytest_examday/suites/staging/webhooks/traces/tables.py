"""Searches the tables of some schemas for random texts, in all columns of the rows that are new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import sql

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.evidence import Trace, TraceSearch
from pytest_examday.suites.staging.webhooks.traces.forms import pattern
from pytest_examday.target.database import Connection

_NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS oldest"
_TABLES = """
    SELECT n.nspname AS schema, c.relname AS name,
           CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') OR NOT has_table_privilege(c.oid, 'SELECT')
                    THEN 'this role may not read it'
                WHEN row_security_active(c.oid) THEN 'row level security hides rows from this role' END AS hidden
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname = ANY(%s) ORDER BY 1, 2
"""
# A row that was written since then has the id of a transaction that had not ended at that moment. `to_jsonb` shows
# all columns, whatever their types, in the words in which the server writes them.
_FRESH = "age(t.xmin) <= age(({since}::numeric % 4294967296)::text::xid)"
_SEARCH = """
    SELECT c.key AS column, {found} FROM {table} t CROSS JOIN LATERAL jsonb_each_text(to_jsonb(t)) c
    WHERE {fresh} AND c.value ~* {any} GROUP BY c.key ORDER BY c.key
"""
_BYTES = "SELECT coalesce(sum(octet_length(t::text)), 0) AS bytes FROM {table} t WHERE {fresh}"


@dataclass(frozen=True)
class Table:
    """A table that holds rows itself: a plain one, a partition or a materialized view."""

    schema: str
    name: str
    hidden: str | None
    """Why it cannot be read; None if it can."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> sql.Identifier:
        """Its name in a statement."""
        return sql.Identifier(self.schema, self.name)


class TableSearch:
    """Searches the rows that were written since some moment."""

    def __init__(self, connection: Connection, schemas: tuple[str, ...]) -> None:
        self._connection = connection
        self._schemas = schemas

    def moment(self) -> str:
        """The present moment, as an id of a transaction."""
        row = self._connection.execute(sql.SQL(_NOW)).fetchone()
        return str(cast("dict[str, object]", row)["oldest"])

    def search(self, since: str, texts: Mapping[str, tuple[str, ...]], expected: Iterable[str]) -> TraceSearch:
        """Where the texts of each name are found. Names of `expected` have to be found somewhere: they show that the
        search is not blind, and are no traces."""
        must = frozenset(expected)
        traces: list[Trace] = []
        seen: set[str] = set()
        unread: dict[str, str] = {}
        tables = self._tables()
        for table in tables:
            if table.hidden is not None:
                unread[str(table)] = table.hidden
                continue
            try:
                found = list(self._in_table(table, since, texts))
            except psycopg.Error as problem:
                unread[str(table)] = (str(problem).strip() or type(problem).__name__).splitlines()[0]
                continue
            seen.update(name for name, _ in found)
            traces += (
                Trace(field=name, place=f"column {column} of {table}", table=str(table))
                for name, column in found
                if name not in must
            )
        return TraceSearch(
            traces=tuple(traces), searched=len(tables) - len(unread), sees=bool(seen & must), unread=unread
        )

    def fresh_bytes(self, since: str) -> int:
        """The size of all rows that were written since then, as text. Raises Unmeasurable if a table cannot be
        read."""
        total = 0
        for table in self._tables():
            if table.hidden is not None:
                raise Unmeasurable(f"{table}: {table.hidden}")
            query = sql.SQL(_BYTES).format(table=table.quoted, fresh=self._fresh(since))
            try:
                row = cast("dict[str, object]", self._connection.execute(query).fetchone())
            except psycopg.Error as problem:
                raise Unmeasurable(f"{table}: {str(problem).strip().splitlines()[0]}") from None
            total += int(str(row["bytes"]))
        return total

    def _tables(self) -> list[Table]:
        """The tables of the schemas. Raises Unmeasurable if a schema has none."""
        rows = self._connection.execute(sql.SQL(_TABLES), (list(self._schemas),)).fetchall()
        tables = [
            Table(str(row["schema"]), str(row["name"]), None if row["hidden"] is None else str(row["hidden"]))
            for row in rows
        ]
        empty = [name for name in self._schemas if name not in {table.schema for table in tables}]
        if empty:
            raise Unmeasurable(f"webhooks.stored.schemas: there is no table in the schema {empty[0]}")
        return tables

    def _in_table(self, table: Table, since: str, texts: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
        """The names of the texts in the table, each with its column."""
        names = list(texts)
        found = [
            sql.SQL("bool_or(c.value ~* {}) AS {}").format(pattern(texts[name]), sql.Identifier(f"found_{number}"))
            for number, name in enumerate(names)
        ]
        query = sql.SQL(_SEARCH).format(
            found=sql.SQL(", ").join(found),
            table=table.quoted,
            fresh=self._fresh(since),
            any=pattern(tuple(text for of in texts.values() for text in of)),
        )
        rows: list[dict[str, Any]] = self._connection.execute(query).fetchall()
        for row in rows:
            yield from ((name, str(row["column"])) for number, name in enumerate(names) if row[f"found_{number}"])

    def _fresh(self, since: str) -> sql.Composed:
        return sql.SQL(_FRESH).format(since=sql.Literal(since))
