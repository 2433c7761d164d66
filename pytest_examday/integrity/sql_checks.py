"""Runs the SQL checks, which are files of `sql/`. Each row that a check returns is a mistake in the data."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import psycopg
from psycopg import sql

from pytest_examday.contract.schema import Schema
from pytest_examday.contract.sql_file import SqlFile, sql_file
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import SqlCheck
from pytest_examday.integrity.bound_query import bound_query, trusted_sql
from pytest_examday.resources import folder
from pytest_examday.target.database import Connection

_SETTINGS = {
    "enable_sort": "off",
    "random_page_cost": "1.1",
    "effective_cache_size": "48MB",
    "max_parallel_workers_per_gather": "0",
}
_COUNT = "rows that examday counted"
"""The name of the column with the number of rows: no check has a column of this name."""
_SAMPLE_ROWS = 20


def read_query(name: str) -> SqlFile:
    """The query of this name. Raises Unmeasurable if its header comment is wrong."""
    return _read(folder("sql") / f"{name}.sql")


def read_checks(first: Iterable[str] = ()) -> tuple[SqlFile, ...]:
    """All checks among the files of `sql/`: those named in `first` in that order, then all others by name.

    Raises Unmeasurable if the header comment of a file is wrong.
    """
    queries = {query.name: query for query in map(_read, sorted(folder("sql").glob("*.sql"))) if query.kind == "check"}
    order = [name for name in first if name in queries]
    return tuple(queries[name] for name in dict.fromkeys((*order, *queries)))


def _read(path: Path) -> SqlFile:
    try:
        return sql_file(path, path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise Unmeasurable(f"{path}: {problem}") from None


@contextmanager
def prepared(connection: Connection) -> Iterator[None]:
    """A transaction with planner settings for checks, which read whole tables and find next to nothing.

    Two plans are fast at millions of rows: a hash join, or a merge of two indexes that hold all needed columns of
    vacuumed tables. A merge that sorts, or that reads a row's page for every entry of an index, takes many times as
    long. So sorting is off, pages of an index cost what they cost on a solid-state disk, and no page is expected to be
    in memory. Parallel workers are off because the checks run side by side, one on each connection.
    """
    with connection.transaction():
        for setting, value in _SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, true)", (setting, value))
        yield


def run_checks(
    connections: Sequence[Connection], schema: Schema, first: Iterable[str] = (), own: Sequence[SqlFile] = ()
) -> tuple[SqlCheck, ...]:
    """Run all checks, one at a time on each connection; the results are in the order of `read_checks(first)`, and then
    those of a user's `own`.

    A check of `sql/` that names an optional relation which the schema lacks is left out. A check of a user's own that
    PostgreSQL refuses has a `problem` in place of a count. Raises Unmeasurable if the header comment of a file of
    `sql/` is wrong.
    """
    shipped = [query for query in read_checks(first) if schema.lacking(query.text) is None]
    checks = (*shipped, *own)
    waiting: SimpleQueue[_Run] = SimpleQueue()
    for query in slowest_first(checks):
        waiting.put(_Run(schema, query, own=query in own))
    with ThreadPoolExecutor(len(connections)) as pool:
        parts = pool.map(lambda connection: _run_some(connection, waiting), connections)
        results_by_name = {check.name: check for part in parts for check in part}
    return tuple(results_by_name[query.name] for query in checks)


def slowest_first(checks: Iterable[SqlFile]) -> list[SqlFile]:
    """The order in which checks begin, so that no slow one runs alone at the end. One of unknown seconds may be
    slow."""
    return sorted(checks, key=lambda query: math.inf if query.seconds is None else query.seconds, reverse=True)


def counting(query: SqlFile, schema: Schema) -> sql.Composed:
    """The query that counts the rows of a check and returns the first of them."""
    counted = sql.SQL("SELECT count(*) OVER () AS {}, found.* FROM ({}\n) AS found LIMIT {}").format(
        sql.Identifier(_COUNT), trusted_sql(query.text), sql.Literal(_SAMPLE_ROWS)
    )
    return bound_query(counted, schema)


@dataclass(frozen=True)
class _Run:
    schema: Schema
    query: SqlFile
    own: bool = False

    def on(self, connection: Connection) -> SqlCheck:
        """The result of the check. Raises psycopg.Error if PostgreSQL refuses a check of `sql/`."""
        clock = time.perf_counter()
        rows: list[dict[str, Any]] = []
        problem = None
        try:
            with connection.transaction():  # a check that is refused leaves the others their transaction
                rows = connection.execute(counting(self.query, self.schema)).fetchall()
        except psycopg.Error as refused:
            if not self.own or connection.closed:
                raise
            problem = " ".join(str(refused).split())
        return SqlCheck(
            name=self.query.name,
            title=self.query.title,
            file=f"{self.query.path.parent.name}/{self.query.path.name}",
            count=int(str(rows[0][_COUNT])) if rows else 0,
            sample=tuple({key: _text(value) for key, value in row.items() if key != _COUNT} for row in rows),
            seconds=round(time.perf_counter() - clock, 4),
            severity=self.query.severity,
            problem=problem,
        )


def _run_some(connection: Connection, waiting: "SimpleQueue[_Run]") -> list[SqlCheck]:
    results: list[SqlCheck] = []
    with prepared(connection):
        while True:
            try:
                run = waiting.get_nowait()
            except Empty:
                return results
            results.append(run.on(connection))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
