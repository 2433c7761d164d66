"""The SQL checks: every row that a file of `sql/` returns is an offence."""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from pytest_examday.contract.schema import Schema
from pytest_examday.evidence.integrity import DataSummary, SqlCheck
from pytest_examday.resources import folder
from pytest_examday.target.connections import Connection

CHECKS = (
    "orphaned_answers",
    "duplicate_submits",
    "missing_answers",
    "unscored_sessions",
    "answer_question_mismatches",
    "orphaned_events",
    "inconsistent_status",
    "duplicate_mastery_updates",
)
"""The eight checks of seed 000, phase 4, in its order."""

_SLOWEST_FIRST = (
    "missing_answers",
    "answer_question_mismatches",
    "orphaned_events",
    "orphaned_answers",
    "duplicate_mastery_updates",
    "inconsistent_status",
    "duplicate_submits",
    "unscored_sessions",
)
_SETTINGS = (
    "enable_sort = off",
    "random_page_cost = 1.1",
    "effective_cache_size = '48MB'",
    "max_parallel_workers_per_gather = 0",
)
_SAMPLE_ROWS = 20
_HEADER = re.compile(r"^-- (name|title|expect): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """One file of `sql/`."""

    name: str
    title: str
    expect: str
    text: str
    path: Path


def read_query(name: str) -> Query:
    """The query of that name; ValueError where its header comment lacks name, title or expectation."""
    path = folder("sql") / f"{name}.sql"
    text = path.read_text(encoding="utf-8")
    header = dict(_HEADER.findall(text))
    if set(header) != {"name", "title", "expect"} or header["name"] != name:
        raise ValueError(f"{path}: the header comment must give name (= the file's), title and expect")
    return Query(text=_HEADER.sub("", text).strip(), path=path, **header)


@contextmanager
def prepared(connection: Connection) -> Iterator[None]:
    """A transaction whose plans suit checks of whole tables, which find next to nothing.

    Two tables are joined by hash, or by merging two indexes where these hold all columns and the tables' pages are
    vacuumed; a merge that sorts, or that looks at a row's page for every entry of an index, costs many times as much
    at millions of rows. So pages of an index are priced as what they are on a solid-state disk, and none is taken to
    be in memory already. One process for each connection: the checks run side by side instead.
    """
    with connection.transaction():
        for setting in _SETTINGS:
            connection.execute(f"SET LOCAL {setting}".encode())
        yield


def run_checks(connections: Sequence[Connection], schema: Schema) -> tuple[SqlCheck, ...]:
    """All eight, as many at the same time as there are connections."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for name in sorted(CHECKS, key=_SLOWEST_FIRST.index):
        waiting.put(name)
    with ThreadPoolExecutor(len(connections)) as pool:
        parts = pool.map(lambda connection: _run_some(connection, schema, waiting), connections)
        found = {check.name: check for part in parts for check in part}
    return tuple(found[name] for name in CHECKS)


def _run_some(connection: Connection, schema: Schema, waiting: "SimpleQueue[str]") -> list[SqlCheck]:
    done: list[SqlCheck] = []
    with prepared(connection):
        while True:
            try:
                name = waiting.get_nowait()
            except Empty:
                return done
            done.append(_run(connection, schema, read_query(name)))


def _run(connection: Connection, schema: Schema, query: Query) -> SqlCheck:
    clock = time.perf_counter()
    counted = (
        f"SELECT count(*) OVER () AS offending, found.* FROM ({query.text}) AS found "  # noqa: S608 # our own file
        f"LIMIT {_SAMPLE_ROWS}"
    )
    rows = connection.execute(schema.bind(counted).encode()).fetchall()
    return SqlCheck(
        name=query.name,
        title=query.title,
        file=f"sql/{query.path.name}",
        count=int(str(rows[0]["offending"])) if rows else 0,
        sample=tuple({key: _text(value) for key, value in row.items() if key != "offending"} for row in rows),
        seconds=round(time.perf_counter() - clock, 4),
    )


def summarise(connection: Connection, schema: Schema) -> DataSummary:
    """The counts of the report template's summary statistics."""
    row = connection.execute(schema.bind(read_query("summary").text).encode()).fetchone()
    return DataSummary.model_validate(row)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
