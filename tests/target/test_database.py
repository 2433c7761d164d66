"""Reading the platform's database: nothing can be written, whatever stands between."""

from contextlib import nullcontext, suppress
from typing import Any

import psycopg
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.target.database import Connection, read_only
from pytest_examday.target.database_role import write_permission_in_words
from pytest_examday.target.reading_connection import ReadingConnection


def _value(connection: Connection, setting: str) -> object:
    row = connection.execute("SELECT current_setting(%s) AS value", (setting,)).fetchone()
    assert row is not None
    return row["value"]


def test_nothing_can_be_written(server: str) -> None:
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        read_only(server) as connection,
    ):
        connection.execute("INSERT INTO themes (id, name) VALUES (1, 'one')")


def test_a_statement_has_a_minute(server: str) -> None:
    with read_only(server) as connection:
        assert _value(connection, "statement_timeout") == "1min"


@pytest.mark.parametrize("options", ["-c%20search_path%3Dtenant", "--search_path%3Dtenant", "-csearch_path%3Dtenant"])
def test_settings_of_the_address_are_kept(server: str, options: str) -> None:
    """They may say where the platform's tables are."""
    with read_only(f"{server}?options={options}") as connection:
        assert _value(connection, "search_path") == "tenant"


def test_a_setting_may_hold_blanks(server: str) -> None:
    with read_only(f"{server}?options=-c%20search_path%3Dtenant%5C%2C%5C%20public") as connection:
        assert _value(connection, "search_path") == "tenant, public"


def test_the_same_statement_can_be_sent_many_times(server: str) -> None:
    with read_only(server) as connection:
        assert {_value(connection, "server_encoding") for _ in range(20)} == {"UTF8"}


def test_a_statement_leaves_no_transaction_behind(server: str) -> None:
    """So a pooler may give the connection of the server to somebody else, who has none of its settings."""
    with read_only(server) as connection:
        connection.execute("SELECT 1")
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        row = connection.pgconn.exec_(b"SHOW statement_timeout")
    assert row.get_value(0, 0) == b"0"


WAYS_OUT = {
    "a setting of the session": ("SET default_transaction_read_only = off",),
    "a setting of the transaction": ("SET transaction_read_only = off",),
    "characteristics of the session": ("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",),
    "another transaction": ("COMMIT", "BEGIN READ WRITE"),
    "a chained transaction": ("COMMIT AND CHAIN", "SET TRANSACTION READ WRITE"),
    "a function": ("SELECT set_config('transaction_read_only', 'off', false)",),
    "a reset": ("RESET ALL", "DISCARD ALL"),
}
WRITE = "INSERT INTO written VALUES (1)"


@pytest.mark.parametrize("begins", [False, True], ids=["by itself", "in a transaction"])
@pytest.mark.parametrize("statements", WAYS_OUT.values(), ids=list(WAYS_OUT))
def test_no_statement_opens_a_way_to_write(server: str, statements: tuple[str, ...], begins: bool) -> None:
    with psycopg.Connection.connect(server, autocommit=True) as platform, read_only(server) as connection:
        platform.execute("CREATE TABLE IF NOT EXISTS written (number int)")
        with suppress(psycopg.Error), connection.transaction() if begins else nullcontext():
            for statement in (*statements, WRITE):
                with suppress(psycopg.Error) if not begins else nullcontext():
                    connection.execute(statement)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute(WRITE)
        assert platform.execute("SELECT count(*) FROM written").fetchone() == (0,)


@pytest.mark.parametrize("text", [f"COMMIT; {WRITE}", f"SELECT 1; COMMIT; BEGIN READ WRITE; {WRITE}; COMMIT"])
def test_several_statements_in_one_text_are_refused(server: str, text: str) -> None:
    with read_only(server) as connection, pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
        connection.execute(text)


def test_the_attributes_of_the_connection_open_no_way_to_write(server: str) -> None:
    with psycopg.Connection.connect(server, autocommit=True) as platform, read_only(server) as connection:
        platform.execute("CREATE TABLE IF NOT EXISTS written (number int)")
        for autocommit in (False, True):
            connection.autocommit = autocommit
            connection.read_only = False
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(WRITE)
        with pytest.raises(Unmeasurable, match="does not keep a transaction READ ONLY"), connection.transaction():
            connection.execute(WRITE)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.cursor().executemany("INSERT INTO written VALUES (%s)", [(1,), (2,)])
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), connection.cursor().copy("COPY written FROM STDIN"):
            pass


def test_rows_can_be_read_in_every_way_of_the_driver(server: str) -> None:
    query = "SELECT n FROM generate_series(1, 3) AS n"
    with read_only(server) as connection:
        assert [row["n"] for row in connection.cursor().stream(query)] == [1, 2, 3]
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as copied:
            assert list(copied.rows()) == [("1",), ("2",), ("3",)]
        with connection.transaction(), connection.cursor("named") as cursor:
            assert [row["n"] for row in cursor.execute(query)] == [1, 2, 3]
        assert connection.execute(query, binary=True).fetchall() == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_the_servers_counters_are_read_anew_each_time(server: str) -> None:
    query = "SELECT n_tup_ins AS written FROM pg_stat_user_tables WHERE relname = 'counted'"
    write = b"INSERT INTO counted VALUES (1); SELECT pg_stat_force_next_flush()"
    with psycopg.Connection.connect(server, autocommit=True) as platform, read_only(server) as connection:
        platform.execute(b"DROP TABLE IF EXISTS counted; CREATE TABLE counted (number int)")
        platform.execute(write)
        platform.execute(b"SELECT")
        before = connection.execute(query).fetchone()
        platform.execute(write)
        platform.execute(b"SELECT")
        assert (before, connection.execute(query).fetchone()) == ({"written": 1}, {"written": 2})


def test_options_that_are_no_settings_are_refused_in_one_line(server: str) -> None:
    with (
        pytest.raises(Unmeasurable, match="'-B' is no setting, write -c name=value"),
        read_only(f"{server}?options=-B"),
    ):
        pass


def test_a_database_that_does_not_keep_a_transaction_read_only_is_not_read(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_examday.target.reading_connection._BEGIN", "BEGIN READ WRITE")
    with pytest.raises(Unmeasurable, match="does not keep a transaction READ ONLY"), read_only(server) as connection:
        connection.execute("SELECT 1")


@pytest.mark.parametrize(
    ("options", "limit"), [("-c%20statement_timeout%3D5s", "5s"), ("-c%20statement_timeout%3D0", "1min")]
)
def test_a_limit_of_the_address_is_kept_unless_it_is_none(server: str, options: str, limit: str) -> None:
    with read_only(f"{server}?options={options}&application_name=mine") as connection:
        assert _value(connection, "statement_timeout") == limit
        assert _value(connection, "application_name") == "mine"


def test_the_time_to_connect_is_that_of_the_address(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    connect = ReadingConnection.connect

    def noted(url: str, **parameters: Any) -> ReadingConnection[Any]:
        seen.append(parameters.get("connect_timeout", "that of the address"))
        return connect(url, **parameters)

    monkeypatch.setattr(ReadingConnection, "connect", noted)
    for address in (server, f"{server}?connect_timeout=7"):
        with read_only(address):
            pass
    assert seen == [5, "that of the address"]


def test_a_role_that_may_write_is_told(server: str) -> None:
    with psycopg.Connection.connect(server, autocommit=True) as platform:
        platform.execute("CREATE TABLE IF NOT EXISTS written (number int)")
        platform.execute("DROP ROLE IF EXISTS only_reads")
        platform.execute("CREATE ROLE only_reads")
        platform.execute("GRANT SELECT ON written TO only_reads")
    with read_only(server) as connection:
        assert "is a superuser; one that may only read is enough" in str(write_permission_in_words(connection))
    with read_only(f"{server}?options=-c%20role%3Donly_reads") as connection:
        assert write_permission_in_words(connection) is None
    with psycopg.Connection.connect(server, autocommit=True) as platform:
        platform.execute("GRANT UPDATE ON written TO only_reads")
    with read_only(f"{server}?options=-c%20role%3Donly_reads") as connection:
        told = "the role only_reads may write to 1 tables; one that may only read is enough"
        assert write_permission_in_words(connection) == told
