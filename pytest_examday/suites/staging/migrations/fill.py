"""Writes rows into the tables of a scratch database, so that migrations and rollbacks meet rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from pytest_examday.suites.staging.migrations.columns import Column, Structure, read_structure
from pytest_examday.suites.staging.migrations.scratch import Connection, first_line
from pytest_examday.suites.staging.migrations.values import value_for

_SPARSE_EVERY = 3
"""Every third row has NULL and defaults wherever it may."""


@dataclass
class Filler:
    """Writes rows, and knows which tables have stayed empty.

    Rows satisfy the constraints that the tables will have after the whole chain (`later`), as those of a real service
    do. Row n of a table refers to row n of other tables, so that rows of one tenant belong together.
    """

    rows_per_table: int
    never_null: frozenset[str]
    later: Structure
    bookkeeping: frozenset[str]
    filled: set[str] = field(default_factory=set)
    unfilled: dict[str, str] = field(default_factory=dict)

    def fill(self, connection: Connection, tables: Iterable[str]) -> None:
        """Write rows into these tables, and once more into those that are empty. Foreign keys are honoured."""
        structure = read_structure(connection).with_later(self.later)
        chosen = {name for name in tables if name.rsplit(".", 1)[-1] not in self.bookkeeping}
        for table in _parents_first(structure):
            if table.rsplit(".", 1)[-1] in self.bookkeeping:
                continue
            stored = _count(connection, table)
            if table in chosen or stored == 0:
                self._fill_table(connection, structure, table, stored)
        for table in self.unfilled.keys() - structure.columns.keys():
            del self.unfilled[table]

    def _fill_table(self, connection: Connection, structure: Structure, table: str, stored: int) -> None:
        parents = _Parents(connection, structure, table)
        problem = ""
        written = 0
        for number in range(stored, stored + self.rows_per_table):
            forms = (True, False) if number % _SPARSE_EVERY == _SPARSE_EVERY - 1 else (False, True)
            for sparse in forms:
                row = self._row(structure, table, number, parents, sparse=sparse)
                if isinstance(row, str):
                    problem = problem or row
                    continue
                try:
                    _insert(connection, table, row)
                except psycopg.Error as refusal:
                    problem = problem or first_line(refusal)
                else:
                    written += 1
                    if parents.include_own_table:
                        parents = _Parents(connection, structure, table)
                    break
        if stored + written:
            self.filled.add(table)
            self.unfilled.pop(table, None)
        else:
            self.unfilled[table] = problem

    def _row(
        self, structure: Structure, table: str, number: int, parents: "_Parents", *, sparse: bool
    ) -> list[tuple[Column, str | None]] | str:
        """The values of one row, or the reason why there is none."""
        given: list[tuple[Column, str | None]] = []
        for column in structure.columns[table]:
            if column.generated:
                continue
            if column.name in parents.columns:
                value = parents.value(column.name, number)
            elif sparse and (column.has_default or self._may_be_null(table, column)):
                continue
            elif column.has_default and column.base in ("smallint", "integer", "bigint") and column.not_null:
                continue  # a serial column, or a counter with its own start
            else:
                value = value_for(structure, table, column, number)
            if value is None and column.has_default:
                continue
            if value is None and column.not_null:
                of_parent = f", {parents.columns[column.name]} has no row" if column.name in parents.columns else ""
                return f"no value is known for {column.name} ({column.type}){of_parent}"
            given.append((column, value))
        return given

    def _may_be_null(self, table: str, column: Column) -> bool:
        return not column.not_null and f"{table}.{column.name}" not in self.never_null


class _Parents:
    """The rows to which the rows of one table refer."""

    def __init__(self, connection: Connection, structure: Structure, table: str) -> None:
        self.columns: dict[str, str] = {}
        """Column -> the table to which it refers."""
        self._values: dict[str, list[str]] = {}
        own = [key for key in structure.foreign_keys if key.table == table]
        self.include_own_table = any(key.parent == table for key in own)
        for key in sorted(own, key=lambda key: -len(key.columns)):  # a key of several columns knows more
            if all(column in self.columns for column in key.columns):
                continue
            names = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in key.parent_columns)
            query = sql.SQL("SELECT {} FROM {} ORDER BY ctid, 1").format(names, _identifier(key.parent))
            rows = connection.execute(query).fetchall()
            for place, column in enumerate(key.columns):
                self.columns.setdefault(column, key.parent)
                self._values.setdefault(column, [str(row[place]) for row in rows if row[place] is not None])

    def value(self, column: str, number: int) -> str | None:
        """The value of the row to which row `number` refers."""
        values = self._values[column]
        return values[number % len(values)] if values else None


def _parents_first(structure: Structure) -> list[str]:
    """All tables, those first to which others refer; in a cycle the names decide."""
    left = sorted(structure.columns)
    ordered: list[str] = []
    while left:
        free = [
            table
            for table in left
            if not any(
                key.table == table and key.parent in left and key.parent != table for key in structure.foreign_keys
            )
        ]
        chosen = free or left[:1]
        ordered += chosen
        left = [table for table in left if table not in chosen]
    return ordered


def _insert(connection: Connection, table: str, row: list[tuple[Column, str | None]]) -> None:
    if not row:
        connection.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(_identifier(table)))
        return
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column, _ in row)
    # The type comes from the catalog, which quotes what has to be quoted.
    casts = sql.SQL(", ").join(sql.SQL("%s::text::{}").format(sql.SQL(column.type)) for column, _ in row)
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(_identifier(table), names, casts),
        [value for _, value in row],
    )


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(_identifier(table))).fetchone()
    return 0 if row is None else int(row[0])


def _identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split(".", 1))
