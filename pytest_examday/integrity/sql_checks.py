"""Runs the SQL checks, which are files of `sql/`. Each row that a check returns is something that must not be."""

import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from psycopg import sql

from pytest_examday.contract.schema import Schema
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
_HEADER = re.compile(r"^-- (name|title|expect|kind|seconds): (.+)$", re.MULTILINE)
_HEADER_NEEDED = frozenset({"name", "title", "expect"})
_KINDS = ("check", "summary")
_UNKNOWN_SECONDS = math.inf


@dataclass(frozen=True)
class Query:
    """One file of `sql/`. A query of the kind `check` returns offending rows; one of the kind `summary` returns
    counts. `seconds` is how long it takes with a million answers (`docs/benchmarks.md`); infinite where the file does
    not say it."""

    name: str
    title: str
    expect: str
    text: str
    path: Path
    kind: str = "check"
    seconds: float = _UNKNOWN_SECONDS


def read_query(name: str) -> Query:
    """The query of this name. Raises Unmeasurable if its header comment lacks name, title or expect, has an unknown
    kind, or seconds that are no number."""
    return _read(folder("sql") / f"{name}.sql")


def read_checks(first: Iterable[str] = ()) -> tuple[Query, ...]:
    """All checks among the files of `sql/`: those named in `first` in that order, then all others by name.

    Raises Unmeasurable if the header comment of a file is wrong.
    """
    queries = {query.name: query for query in map(_read, sorted(folder("sql").glob("*.sql"))) if query.kind == "check"}
    order = [name for name in first if name in queries]
    return tuple(queries[name] for name in dict.fromkeys((*order, *queries)))


def _read(path: Path) -> Query:
    text = path.read_text(encoding="utf-8")
    header = dict(_HEADER.findall(text))
    if not header.keys() >= _HEADER_NEEDED or header["name"] != path.stem:
        raise Unmeasurable(f"{path}: the header comment must give name (= the file's), title and expect")
    if header.get("kind", "check") not in _KINDS:
        raise Unmeasurable(f"{path}: kind {header['kind']!r} is none of {', '.join(_KINDS)}")
    return Query(
        name=header["name"],
        title=header["title"],
        expect=header["expect"],
        text=_HEADER.sub("", text).strip(),
        path=path,
        kind=header.get("kind", "check"),
        seconds=_seconds(path, header),
    )


def _seconds(path: Path, header: dict[str, str]) -> float:
    told = header.get("seconds")
    if told is None:
        return _UNKNOWN_SECONDS
    try:
        return float(told)
    except ValueError:
        raise Unmeasurable(f"{path}: seconds {told!r} is no number") from None


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


def run_checks(connections: Sequence[Connection], schema: Schema, first: Iterable[str] = ()) -> tuple[SqlCheck, ...]:
    """Run all checks, one at a time on each connection; the results are in the order of `read_checks(first)`.

    A check that names an optional relation which the schema lacks is left out. Raises Unmeasurable if the header
    comment of a file is wrong.
    """
    checks = tuple(query for query in read_checks(first) if schema.lacking(query.text) is None)
    waiting: SimpleQueue[Query] = SimpleQueue()
    for query in slowest_first(checks):
        waiting.put(query)
    with ThreadPoolExecutor(len(connections)) as pool:
        parts = pool.map(lambda connection: _run_some(connection, schema, waiting), connections)
        found = {check.name: check for part in parts for check in part}
    return tuple(found[query.name] for query in checks)


def slowest_first(checks: Iterable[Query]) -> list[Query]:
    """The order in which checks begin, so that no slow one runs alone at the end. One of unknown seconds may be
    slow."""
    return sorted(checks, key=lambda query: query.seconds, reverse=True)


def _run_some(connection: Connection, schema: Schema, waiting: "SimpleQueue[Query]") -> list[SqlCheck]:
    done: list[SqlCheck] = []
    with prepared(connection):
        while True:
            try:
                query = waiting.get_nowait()
            except Empty:
                return done
            done.append(_run(connection, schema, query))


def _run(connection: Connection, schema: Schema, query: Query) -> SqlCheck:
    clock = time.perf_counter()
    counted = sql.SQL("SELECT count(*) OVER () AS {}, found.* FROM ({}\n) AS found LIMIT {}").format(
        sql.Identifier(_COUNT), trusted_sql(query.text), sql.Literal(_SAMPLE_ROWS)
    )
    rows = connection.execute(bound_query(counted, schema)).fetchall()
    return SqlCheck(
        name=query.name,
        title=query.title,
        file=f"sql/{query.path.name}",
        count=int(str(rows[0][_COUNT])) if rows else 0,
        sample=tuple({key: _text(value) for key, value in row.items() if key != _COUNT} for row in rows),
        seconds=round(time.perf_counter() - clock, 4),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
