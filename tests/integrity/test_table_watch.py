"""What a look at the tables tells of the time since the last count."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.rows import dict_row

from pytest_examday.contract.embedded_preset import SCHEMA
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity import table_watch
from pytest_examday.integrity.table_watch import RowChanges, TableWatch
from pytest_examday.target.database import Connection

Run = Callable[..., None]


@pytest.fixture
def run(server: str) -> Iterator[Run]:
    """Runs statements in the database, which has two tables of its own meanwhile; both go afterwards."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE TABLE notes (id integer PRIMARY KEY, text text)")
        connection.execute("CREATE SCHEMA beside CREATE TABLE notes (id integer)")
        connection.execute("INSERT INTO notes SELECT n, 'x' FROM generate_series(1, 10) AS n")

        def run(*statements: str) -> None:
            for one in statements:
                connection.execute(one.encode())

        yield run
        connection.execute("DROP TABLE notes")
        connection.execute("DROP SCHEMA beside CASCADE")


def _watch(server: str) -> TableWatch:
    @contextmanager
    def database() -> Iterator[Connection]:
        with psycopg.connect(server, autocommit=True, row_factory=dict_row) as connection:
            yield connection

    return TableWatch(database, SCHEMA)


def _told(watch: TableWatch) -> dict[str, RowChanges]:
    return {str(table): change for table, change in watch.count().items()}


@pytest.mark.parametrize(
    ("statement", "change"),
    [
        ("INSERT INTO notes VALUES (11, 'y'), (12, 'y')", RowChanges(2, 0)),
        ("UPDATE notes SET text = 'y' WHERE id < 4", RowChanges(3, 3)),
        ("UPDATE notes SET text = text WHERE id = 1", RowChanges(1, 1)),
        ("DELETE FROM notes WHERE id < 6", RowChanges(0, 5)),
        ("TRUNCATE notes", RowChanges(0, 10)),
        ("WITH gone AS (DELETE FROM notes WHERE id = 1 RETURNING text) INSERT INTO notes SELECT 21, text FROM gone",
         RowChanges(1, 1)),
    ],
)  # fmt: skip
def test_rows_that_were_written_and_rows_that_went_are_counted(
    server: str, run: Run, statement: str, change: RowChanges
) -> None:
    watch = _watch(server)
    run(statement)
    assert _told(watch) == {"notes": change}
    assert _told(watch) == {}, "the next look tells nothing of it"


@pytest.mark.parametrize("statement", ["SELECT * FROM notes FOR UPDATE", "VACUUM FREEZE notes", "ANALYZE notes"])
def test_what_changes_no_row_is_no_change(server: str, run: Run, statement: str) -> None:
    watch = _watch(server)
    run(statement)
    assert _told(watch) == {}


def test_tables_of_one_name_in_two_schemas_are_told_apart(server: str, run: Run) -> None:
    watch = _watch(server)
    run("INSERT INTO beside.notes VALUES (1)")
    ((table, change),) = watch.count().items()
    assert (str(table), change) == ("beside.notes", RowChanges(1, 0))
    assert table.is_named("notes")
    assert table.is_named("beside.notes")
    assert not table.is_named("public.notes")
    assert not table.own, "the tables of the exam lie in another schema"


def test_large_tables_are_told_by_the_servers_own_counters(
    server: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_watch, "_COUNTED_BYTES", -1)
    run("SELECT pg_stat_force_next_flush()")
    watch = _watch(server)
    assert not any(table.counted for table in watch.tables)
    run("INSERT INTO notes VALUES (11, 'y')", "DELETE FROM notes WHERE id < 3", "SELECT pg_stat_force_next_flush()")
    assert _told(watch)["notes"] == RowChanges(1, 2)


def test_a_table_that_the_role_may_not_read_is_named_and_not_compared(server: str, run: Run) -> None:
    run("CREATE ROLE reader LOGIN", "GRANT SELECT ON notes TO reader", "ALTER TABLE notes ENABLE ROW LEVEL SECURITY")
    try:

        @contextmanager
        def database() -> Iterator[Connection]:
            with psycopg.connect(server, autocommit=True, row_factory=dict_row) as connection:
                connection.execute("SET ROLE reader")
                yield connection

        watch = TableWatch(database, SCHEMA)
        hidden = {str(table): table.hidden for table in watch.tables}
        assert hidden["exam_sessions"] == "this role may not read it"
        assert hidden["notes"] == "row level security hides rows from this role"
        run("INSERT INTO notes VALUES (11, 'y')")
        assert watch.count() == {}
    finally:
        run("DROP OWNED BY reader", "DROP ROLE reader")


def test_a_database_that_goes_away_is_told_and_later_looks_tell_nothing(server: str, run: Run) -> None:
    left = [1]

    @contextmanager
    def database() -> Iterator[Connection]:
        if not left:
            raise Unmeasurable("the database cannot be reached: refused")
        left.pop()
        with psycopg.connect(server, autocommit=True, row_factory=dict_row) as connection:
            yield connection

    watch = TableWatch(database, SCHEMA)
    run("DELETE FROM notes")
    assert watch.count() == {}
    assert watch.unmeasured == "the database cannot be reached: refused"


def test_what_changed_since_a_mark_is_told_by_a_watch_that_begins_later(server: str, run: Run) -> None:
    early = _watch(server)
    notes = [table for table in early.tables if str(table) == "notes"]
    mark = early.snapshot(notes)
    assert _watch(server).since(mark) == {}
    run("UPDATE notes SET text = 'y' WHERE id < 4", "INSERT INTO beside.notes VALUES (1)")
    late = _watch(server)
    run("DELETE FROM notes WHERE id = 9")
    assert late.since(mark) == {"notes": RowChanges(3, 4)}
