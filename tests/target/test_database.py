"""Reading the platform's database: nothing can be written, whatever stands between."""

from typing import Any

import psycopg
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.target.database import Connection, read_only

_PSYCOPG_CONNECT = psycopg.connect


def _direct(url: str, **parameters: Any) -> psycopg.Connection[Any]:
    return _PSYCOPG_CONNECT(url, **parameters)


def _dropping(url: str, **parameters: Any) -> psycopg.Connection[Any]:
    """A pooler that was told to ignore `options`."""
    return _PSYCOPG_CONNECT(url, **{**parameters, "options": ""})


def _refusing(url: str, **parameters: Any) -> psycopg.Connection[Any]:
    """A pooler that knows no `options`."""
    if parameters["options"]:
        raise psycopg.OperationalError("FATAL:  unsupported startup parameter: options")
    return _PSYCOPG_CONNECT(url, **parameters)


WAYS = {"direct": _direct, "dropping options": _dropping, "refusing options": _refusing}


@pytest.fixture(params=WAYS.values(), ids=list(WAYS))
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands between the rehearsal and its database."""
    monkeypatch.setattr(psycopg, "connect", request.param)


def _value(connection: Connection, setting: str) -> object:
    row = connection.execute("SELECT current_setting(%s) AS value", (setting,)).fetchone()
    assert row is not None
    return row["value"]


@pytest.mark.usefixtures("way")
def test_nothing_can_be_written(server: str) -> None:
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        read_only(server) as connection,
    ):
        connection.execute("INSERT INTO themes (id, name) VALUES (1, 'one')")


@pytest.mark.usefixtures("way")
def test_a_statement_has_a_minute(server: str) -> None:
    with read_only(server) as connection:
        assert _value(connection, "statement_timeout") == "1min"


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("options", ["-c%20search_path%3Dtenant", "--search_path%3Dtenant", "-csearch_path%3Dtenant"])
def test_settings_of_the_address_are_kept(server: str, options: str) -> None:
    """They may say where the platform's tables are."""
    with read_only(f"{server}?options={options}") as connection:
        assert _value(connection, "search_path") == "tenant"


@pytest.mark.usefixtures("way")
def test_a_setting_may_hold_blanks(server: str) -> None:
    with read_only(f"{server}?options=-c%20search_path%3Dtenant%5C%2C%5C%20public") as connection:
        assert _value(connection, "search_path") == "tenant, public"


@pytest.mark.usefixtures("way")
def test_the_same_statement_can_be_sent_many_times(server: str) -> None:
    with read_only(server) as connection:
        assert {_value(connection, "server_encoding") for _ in range(20)} == {"UTF8"}


@pytest.mark.parametrize("way", [_dropping], indirect=True)
@pytest.mark.usefixtures("way")
def test_where_options_are_dropped_one_transaction_spans_the_whole_use(server: str) -> None:
    """So a pooler gives it one connection of the server, and nobody after it has its settings."""
    with read_only(server) as connection:
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        row = connection.execute("SHOW default_transaction_read_only").fetchone()
    assert row == {"default_transaction_read_only": "off"}


@pytest.mark.usefixtures("way")
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
    class Careless(psycopg.Connection[Any]):
        """It begins every transaction so that it may write."""

        def _start_query(self) -> Any:
            self._read_only = None
            self._begin_statement = b""
            return super()._start_query()

    def connect(url: str, **parameters: Any) -> psycopg.Connection[Any]:
        return Careless.connect(url, **{**parameters, "options": ""})

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(Unmeasurable, match="does not keep a transaction READ ONLY"), read_only(server):
        pass


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("options", "limit"), [("-c%20statement_timeout%3D5s", "5s"), ("-c%20statement_timeout%3D0", "1min")]
)
def test_a_limit_of_the_address_is_kept_unless_it_is_none(server: str, options: str, limit: str) -> None:
    with read_only(f"{server}?options={options}&application_name=mine") as connection:
        assert _value(connection, "statement_timeout") == limit
        assert _value(connection, "application_name") == "mine"


def test_the_time_to_connect_is_that_of_the_address(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def connect(url: str, **parameters: Any) -> psycopg.Connection[Any]:
        seen.append(parameters.get("connect_timeout", "that of the address"))
        return _PSYCOPG_CONNECT(url, **parameters)

    monkeypatch.setattr(psycopg, "connect", connect)
    for address in (server, f"{server}?connect_timeout=7"):
        with read_only(address):
            pass
    assert seen == [5, "that of the address"]
