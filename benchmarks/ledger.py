"""Measures what it costs to judge a large exam: comparing the ledger with the database, and the SQL checks.

    python -m benchmarks.ledger [--answers 100000 1000000 5000000] [--directory DIR] [--pause]

A throwaway PostgreSQL and a ledger are filled for each size, measured and deleted at the end; about 2 GB of disk for a
million answers. Prints Markdown, which is kept in `docs/benchmarks.md`.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from psycopg import sql

from benchmarks.big_exam import QUESTIONS, fill, sessions_for, vacuum, write_ledger
from pytest_examday.config.environment import Environment
from pytest_examday.contract.embedded_preset import SCHEMA
from pytest_examday.contract.schema import COLUMNS
from pytest_examday.integrity.bound_query import bound_query, trusted_sql
from pytest_examday.integrity.sql_checks import (
    prepared,
    read_query,
    run_checks,
)
from pytest_examday.load.ledger import replay
from pytest_examday.local_servers import ports
from pytest_examday.local_servers.postgres import OWNER, Postgres
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reconcile_ledgers
from pytest_examday.target.database import Connection
from pytest_examday.target.target import Target

_PASSWORD = "benchmark"
_NAME = "load.ledger.jsonl"
_REPEATS = 3
_SIZES = (100_000, 1_000_000, 5_000_000)


@dataclass(frozen=True)
class Checked:
    """What the checks cost, median of several runs: each in seconds, all by the wall clock, and their temporary
    files."""

    seconds: dict[str, float]
    together: float
    temporary_mb: float

    @property
    def summed(self) -> float:
        """The seconds of all checks, one after the other."""
        return sum(self.seconds.values())


@dataclass(frozen=True)
class Figures:
    """What one size cost; seconds, megabytes."""

    answers: int
    ledger_mb: float
    reading: float
    reconciling: float
    idle_mb: float
    peak_mb: float
    unvacuumed: Checked
    checks: Checked
    counted: float
    columns_read: float
    plans: dict[str, str]


def main() -> None:
    """Measure and print; in a process of its own for `--alone`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, nargs="+", default=_SIZES)
    parser.add_argument("--directory", type=Path, help="where the throwaway data goes")
    parser.add_argument("--pause", action="store_true", help="wait for Enter between making and measuring")
    parser.add_argument("--alone", choices=["read", "reconcile"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(_alone(options.alone, options.directory)))
        return
    with ExitStack() as stack:
        made = [stack.enter_context(exam(answers, options.directory)) for answers in options.answers]
        if options.pause:
            input("all is made; press Enter when the machine is quiet")
        print_report([measure(one) for one in made])


@dataclass(frozen=True)
class Exam:
    """A ledger in a run directory, and a database that agrees with it."""

    sessions: int
    folder: Path
    url: str


@contextmanager
def exam(answers: int, directory: Path | None) -> Iterator[Exam]:
    """Make one with at least so many answers; it is deleted at the end."""
    sessions = sessions_for(answers)
    with TemporaryDirectory(prefix="examday-benchmark-", dir=directory) as name, _server(Path(name)) as url:
        folder = Path(name)
        (folder / "ledger").mkdir()
        clock = time.perf_counter()
        writer = multiprocessing.Process(target=write_ledger, args=(folder / "ledger" / _NAME, sessions))
        writer.start()
        fill(url, sessions)
        writer.join()
        print(f"{answers} answers made in {time.perf_counter() - clock:.0f} s", file=sys.stderr, flush=True)
        yield Exam(sessions, folder, url)


def measure(made: Exam) -> Figures:
    """What it costs to judge the exam; raises SystemExit if anything is found, because the exam is sound."""
    answers = made.sessions * QUESTIONS
    reading = _in_own_process("read", made)
    judged = _in_own_process("reconcile", made)
    if judged["acknowledged"] != answers or judged["kept"] != answers or judged["differences"]:
        raise SystemExit(f"the reconciliation is wrong: {judged}")
    reached = _target(made.folder, made.url).connections
    with reached.database() as connection, reached.database() as second:
        unvacuumed = _checks(connection, second)
        vacuum(made.url)
        checks = _checks(connection, second)
        slowest = sorted(checks.seconds, key=lambda name: -checks.seconds[name])[:2]
        return Figures(
            answers=answers,
            ledger_mb=(made.folder / "ledger" / _NAME).stat().st_size / 1e6,
            reading=reading["seconds"],
            reconciling=judged["seconds"],
            idle_mb=judged["idle_mb"],
            peak_mb=judged["peak_mb"],
            unvacuumed=unvacuumed,
            checks=checks,
            counted=_sequential_read(connection, lambda columns: "count(*)"),
            columns_read=_sequential_read(
                connection, lambda columns: " + ".join(f"count({column})" for column in columns)
            ),
            plans={name: _plan(connection, name) for name in slowest},
        )


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    port = ports.pick()
    postgres = Postgres(folder / "home", folder / "postgres.log", port, _PASSWORD, max_connections=10)
    asyncio.run(postgres.start())
    try:
        yield f"postgresql://{OWNER}:{_PASSWORD}@{ports.HOST}:{port}/postgres"
    finally:
        asyncio.run(postgres.stop())


def _target(folder: Path, url: str) -> Target:
    environment = Environment.model_validate({"name": "benchmark", "database_url": url})
    return Target(environment, RunFiles(folder, Redactor()), os.getpid())


def _in_own_process(what: str, made: Exam) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.ledger", "--alone", what, "--directory", str(made.folder)]
    done = subprocess.run(command, env={**os.environ, "BENCHMARK_URL": made.url}, stdout=subprocess.PIPE, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _alone(what: str, folder: Path) -> dict[str, float]:
    idle = _peak_mb()
    clock = time.perf_counter()
    if what == "read":
        writes = sum(1 for _ in replay(folder / "ledger" / _NAME))
        return {"seconds": time.perf_counter() - clock, "writes": writes}
    found = reconcile_ledgers(_target(folder, os.environ["BENCHMARK_URL"]), (_NAME,))
    return {
        "seconds": time.perf_counter() - clock,
        "idle_mb": idle,
        "peak_mb": _peak_mb(),
        "acknowledged": found.acknowledged,
        "kept": found.kept,
        "differences": len(found.differences),
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _checks(*connections: Connection) -> Checked:
    """As phase 4 runs them; every one must find nothing."""
    runs, walls = [], []
    for _ in range(_REPEATS):
        clock = time.perf_counter()
        runs.append(run_checks(connections, SCHEMA))
        walls.append(time.perf_counter() - clock)
    offending = {check.name: check.count for run in runs for check in run if check.count}
    if offending:
        raise SystemExit(f"the checks are wrong: {offending}")
    seconds = {
        name: statistics.median(check.seconds for run in runs for check in run if check.name == name)
        for name in sorted(check.name for check in runs[0])
    }
    temporary = sum(_temporary_mb(connections[0], name) for name in seconds)
    return Checked(seconds, statistics.median(walls), temporary)


def _bound(text: str) -> sql.Composed:
    return bound_query(trusted_sql(text), SCHEMA)


def _temporary_mb(connection: Connection, name: str) -> float:
    with prepared(connection):
        explain = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}").format(_bound(read_query(name).text))
        row = connection.execute(explain).fetchone()
    plan: Any = row["QUERY PLAN"] if row else None
    return float(plan[0]["Plan"]["Temp Written Blocks"]) * 8192 / 1e6


def _sequential_read(connection: Connection, what: Callable[[tuple[str, ...]], str]) -> float:
    """The median of the seconds in which one process reads the five tables from end to end."""
    query = _bound("SELECT " + ", ".join(f"(SELECT {what(columns)} FROM {name})" for name, columns in COLUMNS.items()))
    seconds = []
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.execute("SET enable_indexonlyscan = off")
    for _ in range(_REPEATS):
        clock = time.perf_counter()
        connection.execute(query).fetchall()
        seconds.append(time.perf_counter() - clock)
    connection.execute("RESET enable_indexonlyscan")
    connection.execute("RESET max_parallel_workers_per_gather")
    return statistics.median(seconds)


def _plan(connection: Connection, name: str) -> str:
    with prepared(connection):
        explain = sql.SQL("EXPLAIN (ANALYZE, BUFFERS) {}").format(_bound(read_query(name).text))
        rows = connection.execute(explain).fetchall()
    return "\n".join(str(row["QUERY PLAN"]) for row in rows)


def print_report(sizes: list[Figures]) -> None:
    """The tables."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, PostgreSQL of the embedded platform.\n")
    print(
        "| acknowledged answers | ledger, MB | reading alone, s | reading and reconciling, s | s per million ", end=""
    )
    print("| peak memory, MB | of it before, MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for one in sizes:
        per_million = one.reconciling / one.answers * 1e6
        print(
            f"| {one.answers:,} | {one.ledger_mb:.0f} | {one.reading:.2f} | {one.reconciling:.2f} | {per_million:.2f} "
            f"| {one.peak_mb:.0f} | {one.idle_mb:.0f} |"
        )
    _print_checks(sizes)
    for one in sizes[1:]:
        for name, plan in one.plans.items():
            print(f"\n`{name}` with {one.answers:,} answers:\n\n```\n{plan}\n```")


def _print_checks(sizes: list[Figures]) -> None:
    print("\n| seconds | " + " | ".join(f"{one.answers:,} answers" for one in sizes) + " |")
    print("| --- |" + " ---: |" * len(sizes))
    for name in sizes[0].checks.seconds:
        print(f"| `{name}` | " + " | ".join(f"{one.checks.seconds[name]:.3f}" for one in sizes) + " |")
    rows: dict[str, Callable[[Figures], str]] = {
        "**their sum**": lambda one: f"{one.checks.summed:.3f}",
        "their sum before vacuum": lambda one: f"{one.unvacuumed.summed:.3f}",
        "all of them on two connections, wall clock": lambda one: f"{one.checks.together:.3f}",
        "the same before vacuum": lambda one: f"{one.unvacuumed.together:.3f}",
        "one sequential read, rows counted": lambda one: f"{one.counted:.3f}",
        "one sequential read, every column": lambda one: f"{one.columns_read:.3f}",
        "sum / read, rows counted": lambda one: f"{one.checks.summed / one.counted:.1f}",
        "**sum / read, every column**": lambda one: f"{one.checks.summed / one.columns_read:.1f}",
        "sum before vacuum / read, every column": lambda one: f"{one.unvacuumed.summed / one.columns_read:.1f}",
        "temporary files of all checks, MB written": lambda one: f"{one.checks.temporary_mb:.0f}",
        "temporary files before vacuum, MB written": lambda one: f"{one.unvacuumed.temporary_mb:.0f}",
    }
    for label, cell in rows.items():
        print(f"| {label} | " + " | ".join(map(cell, sizes)) + " |")


if __name__ == "__main__":
    main()
