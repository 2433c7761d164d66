"""A PostgreSQL connection on which every statement runs in a READ ONLY transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import pq, sql
from psycopg.abc import Query
from psycopg.rows import tuple_row

from pytest_examday.errors import Unmeasurable

_Row = TypeVar("_Row")
_FRESH_COUNTERS = ("stats_fetch_consistency", "none")
"""A setting. Without it the counters of the server do not change within a transaction after the first look."""
_WITH_FRESH_COUNTERS = 150_000
"""The first version of PostgreSQL that has that setting."""
_BEGIN = "BEGIN READ ONLY"
_STATE = sql.SQL("current_setting('transaction_read_only')")


class _ReadingCursor(psycopg.Cursor[_Row]):
    """A cursor that sends one statement at a time, each after a query that keeps its transaction from writing."""

    def execute(self, query: Query, params: Any = None, **how: Any) -> Any:
        """Execute one statement; PostgreSQL refuses several in one text."""
        with self.connection.reading():  # type: ignore[attr-defined] # the connection that made it
            return super().execute(query, params, **how)  # type: ignore[arg-type] # one overload is for templates

    def executemany(self, query: Query, params_seq: Any, **how: Any) -> None:
        """Execute a statement several times."""
        with self.connection.reading():  # type: ignore[attr-defined] # the connection that made it
            super().executemany(query, params_seq, **how)

    def stream(self, query: Query, params: Any = None, **how: Any) -> Iterator[_Row]:
        """Yield the rows of one statement as they come."""
        with self.connection.reading():  # type: ignore[attr-defined] # the connection that made it
            yield from super().stream(query, params, **how)

    @contextmanager
    def copy(self, statement: Query, params: Any = None, **how: Any) -> Iterator[Any]:
        """Copy rows out of the database."""
        with self.connection.reading(), super().copy(statement, params, **how) as copied:  # type: ignore[attr-defined] # as above
            yield copied

    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        """Send the statement by the extended protocol, which takes no second statement: `COMMIT; DELETE …` would leave
        the transaction."""
        super()._execute_send(query, force_extended=True, binary=binary)


class ReadingConnection(psycopg.Connection[_Row]):
    """A connection that begins a READ ONLY transaction for each statement, and ends it with the statement.

    Inside of `transaction()` the transaction is kept. Each statement has a query before it that makes the settings and
    requires that the transaction is READ ONLY: after the first query of a transaction PostgreSQL lets nothing make it
    writable. So it does not matter what a statement or a pooler does to the settings of the connection.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.cursor_factory = _ReadingCursor
        self.prepare_threshold = None  # a pooler's next connection does not have what was prepared
        self._settings: dict[str, str] = {}
        self._preparing = False

    def begin_with(self, settings: Mapping[str, str]) -> None:
        """Make these settings in every transaction, and have `transaction()` begin READ ONLY too."""
        fresh = (_FRESH_COUNTERS,) if self.info.server_version >= _WITH_FRESH_COUNTERS else ()
        self._settings = dict((*settings.items(), *fresh))
        self.read_only = True

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Prepare for a statement, and end the transaction afterwards that was begun for it. Raises Unmeasurable if
        the transaction could write."""
        if self._preparing:
            yield
            return
        begins = self.info.transaction_status == pq.TransactionStatus.IDLE
        try:
            self._prepare(begins)
            yield
        except BaseException:
            if begins and not self.closed:
                self.rollback()
            raise
        if begins and not self.closed:
            self.commit()

    def _prepare(self, begins: bool) -> None:
        if self.info.transaction_status == pq.TransactionStatus.INERROR:
            return  # nothing is executed before its end
        self._preparing = True
        try:
            if begins:
                self.execute(_BEGIN)
            settings = [sql.SQL("set_config({}, {}, true)").format(*setting) for setting in self._settings.items()]
            cursor = self.cursor(row_factory=tuple_row)
            row = cursor.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join([_STATE, *settings]))).fetchone()
        finally:
            self._preparing = False
        if row is None or row[0] != "on":
            raise Unmeasurable("the database does not keep a transaction READ ONLY, so it is not read")
