"""The SQL checks: every row that a file of `sql/` returns is an offence."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_examday.contract.schema import Schema
from pytest_examday.evidence.integrity import DataSummary, SqlCheck
from pytest_examday.resources import folder
from pytest_examday.site import Connection

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
    """A transaction that joins large tables by hash: a merge join sorts both, or walks them in the order of an index,
    each row another page."""
    with connection.transaction():
        connection.execute("SET LOCAL enable_mergejoin = off")
        yield


def run_checks(connection: Connection, schema: Schema) -> tuple[SqlCheck, ...]:
    """All eight."""
    with prepared(connection):
        return tuple(_run(connection, schema, read_query(name)) for name in CHECKS)


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
