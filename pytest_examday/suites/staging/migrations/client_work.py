"""A client that reads and writes while a migration runs, and a watcher of the locks that the migration holds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from time import perf_counter

import psycopg
from psycopg import sql

from pytest_examday.suites.staging.migrations.evidence import ClientWait, HeldLock
from pytest_examday.suites.staging.migrations.scratch import Connection, ScratchServer, first_line

_PAUSE_SECONDS = 0.01
_LOCKS = """
    SELECT n.nspname || '.' || c.relname, l.mode
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_stat_activity s ON s.pid = l.pid
    WHERE l.granted AND l.pid <> ALL (%(own)s) AND s.backend_type = 'client backend' AND s.datname = current_database()
        AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        AND n.nspname || '.' || c.relname = ANY (%(tables)s)
    """
"""The locks that keep others from reading or writing. Those on new tables disturb nobody."""
_WRITABLE = """
    SELECT min(a.attname::text) FROM pg_attribute a
    WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND a.attidentity <> 'a'
    """
_OF_LOCKS = (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)
_START_SECONDS = 10
_MOST_ERRORS = 20


@dataclass
class _Span:
    """A time in which something was seen at every look."""

    first: float
    last: float
    blind: float = 0.0
    """The longest time between two looks."""

    def look(self, now: float) -> None:
        self.blind = max(self.blind, now - self.last)
        self.last = now

    @property
    def milliseconds(self) -> float:
        return round((self.last - self.first) * 1000, 1)


@dataclass
class Observer:
    """What was seen while the migrations ran."""

    server: ScratchServer
    locks: list[HeldLock] = field(default_factory=list)
    waits: list[ClientWait] = field(default_factory=list)
    steps: int = 0
    transactions: int = 0
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def during(self, name: str, tables: tuple[str, ...]) -> Iterator[None]:
        """Let a client work on these tables in this block, and watch the locks on them. Both have looked at least once
        before the block begins."""
        if not tables:
            yield
            return
        self.steps += 1
        stop = threading.Event()
        watcher = _Watcher(self, name, tables, stop)
        client = _Client(self, name, tables, stop)
        workers = (watcher, client)
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.ready.wait(_START_SECONDS)
            watcher.own = tuple(pid for worker in workers if (pid := worker.pid) is not None)
            yield
        finally:
            stop.set()
            for worker in workers:
                worker.join()
        self.locks += watcher.held()
        if client.longest is not None:
            milliseconds, table = client.longest
            blind = round(watcher.blind * 1000, 1)
            self.waits.append(ClientWait(name=name, table=table, milliseconds=milliseconds, blind_milliseconds=blind))


class _Worker(threading.Thread):
    """A thread with a connection that no other thread uses meanwhile."""

    def __init__(self, observer: Observer, name: str, tables: tuple[str, ...], stop: threading.Event) -> None:
        super().__init__(name=f"examday-{name}", daemon=True)
        self.observer, self.step, self.tables, self.stop = observer, name, tables, stop
        self.connection = observer.server.worker(type(self).__name__)
        self.ready = threading.Event()
        self.pid: int | None = None

    def run(self) -> None:
        try:
            self.pid = self.connection.info.backend_pid
            self.work(self.connection)
        except psycopg.Error as problem:
            self.observer.errors.append(f"{self.step}: {first_line(problem)}")
        finally:
            self.ready.set()

    def work(self, connection: Connection) -> None:
        raise NotImplementedError


class _Watcher(_Worker):
    """Looks at the locks again and again."""

    def __init__(self, observer: Observer, name: str, tables: tuple[str, ...], stop: threading.Event) -> None:
        super().__init__(observer, name, tables, stop)
        self.own: tuple[int, ...] = ()
        """The server processes of the rehearsal; nothing is noted before they are known."""
        self.blind = 0.0
        """The longest time in seconds between two looks."""
        self._spans: dict[tuple[str, str], _Span] = {}
        self._ended: list[tuple[tuple[str, str], _Span]] = []

    def work(self, connection: Connection) -> None:
        """Note every lock from the first to the last look at which it was held."""
        last = perf_counter()
        while True:
            begun = perf_counter()
            rows = connection.execute(_LOCKS, {"own": list(self.own), "tables": list(self.tables)}).fetchall()
            now = perf_counter()
            self.blind, last = max(self.blind, now - last), now
            self.ready.set()
            seen = {(str(table), str(mode)) for table, mode in rows} if self.own else set()
            for key in list(self._spans):
                if key not in seen:
                    self._ended.append((key, self._spans.pop(key)))
            for key in seen:
                self._spans.setdefault(key, _Span(begun, begun)).look(now)
            if self.stop.wait(_PAUSE_SECONDS):
                return

    def held(self) -> list[HeldLock]:
        """The longest time of every lock."""
        longest: dict[tuple[str, str], _Span] = {}
        for key, span in (*self._ended, *self._spans.items()):
            if key not in longest or span.milliseconds > longest[key].milliseconds:
                longest[key] = span
        return [
            HeldLock(
                name=self.step,
                table=table,
                mode=mode,
                milliseconds=span.milliseconds,
                blind_milliseconds=round(span.blind * 1000, 1),
            )
            for (table, mode), span in sorted(longest.items())
        ]


class _Client(_Worker):
    """Reads a row, writes a row and takes the write back, on one table after the other."""

    longest: tuple[float, str] | None = None
    """The longest wait in milliseconds, and its table."""

    def work(self, connection: Connection) -> None:
        """Note the longest wait."""
        columns = {table: _writable_column(connection, table) for table in self.tables}
        for table in cycle(self.tables):
            begun = perf_counter()
            self._work_on(connection, table, columns[table])
            milliseconds = round((perf_counter() - begun) * 1000, 1)
            self.ready.set()
            self.observer.transactions += 1
            if self.longest is None or milliseconds > self.longest[0]:
                self.longest = milliseconds, table
            if self.stop.wait(_PAUSE_SECONDS / 2):
                break

    def _work_on(self, connection: Connection, table: str, column: str | None) -> None:
        """Read and write one row, and note what the server refused."""
        try:
            _read_and_write(connection, table, column)
        except _OF_LOCKS as problem:
            self.observer.refused.append(f"{self.step}: {table}: {first_line(problem)}")
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName):
            return  # the step has dropped or renamed it
        except psycopg.Error as problem:
            if len(self.observer.errors) < _MOST_ERRORS:
                self.observer.errors.append(f"{self.step}: {table}: {first_line(problem)}")


def _writable_column(connection: Connection, table: str) -> str | None:
    row = connection.execute(_WRITABLE, [table]).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _read_and_write(connection: Connection, table: str, column: str | None) -> None:
    """Read a row; then write a row as it is, and take the write back. Raises psycopg.Error if the server refuses it."""
    name = sql.Identifier(*table.split(".", 1))
    connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name))
    if column is None:
        return
    write = sql.SQL("UPDATE {0} SET {1} = {1} WHERE ctid = (SELECT ctid FROM {0} LIMIT 1)")
    connection.execute("BEGIN")
    try:
        connection.execute(write.format(name, sql.Identifier(column)))
    finally:
        connection.execute("ROLLBACK")
