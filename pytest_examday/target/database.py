"""Opens connections to the platform's PostgreSQL on which nothing can be written."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from pytest_examday.errors import Unmeasurable

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[dict[str, object]]"
"""A PostgreSQL connection whose rows are dictionaries. The alias is a text, so that importing it loads no database
driver."""

_CONNECT_TIMEOUT_SECONDS = 5
_READ_ONLY = "default_transaction_read_only"
_OWN = {_READ_ONLY: "on", "statement_timeout": "60s"}
_REFUSED = "unsupported startup parameter"
"""What PgBouncer says of a start-up parameter that it neither passes on nor was told to ignore."""

# Within a transaction the counters of the server would stay as they were at the first look.
_FRESH_COUNTERS = "SELECT set_config(name, 'none', true) FROM pg_settings WHERE name = 'stats_fetch_consistency'"


@contextmanager
def read_only(url: str) -> Iterator[Connection]:
    """A connection that cannot write, with a statement timeout of 60 s. The `options` of the address are kept.

    Settings travel in the start-up parameter `options`. A pooler may refuse it or drop it: then one transaction that is
    READ ONLY spans the connection's whole use, and the settings are made in it. Raises psycopg.Error if PostgreSQL
    cannot be reached, and Unmeasurable if it lets the rehearsal write all the same.
    """
    settings = {**_settings_of(url), **_OWN}
    connection = _connect(url, settings)
    with connection:
        if not _reads_only(connection):
            _set_in_one_transaction(connection, settings)
        yield connection


def _settings_of(url: str) -> dict[str, str]:
    """The settings in the `options` of the address, such as `-c search_path=exam`.

    Raises Unmeasurable for options of another kind, which no transaction could make.
    """
    from psycopg.conninfo import conninfo_to_dict

    given = str(conninfo_to_dict(url).get("options") or "")
    settings: dict[str, str] = {}
    words = iter(shlex.split(given))
    for word in words:
        pair = next(words, "") if word == "-c" else word.removeprefix("-c").removeprefix("--")
        name, equals, value = pair.partition("=")
        if not equals or not word.startswith("-"):
            raise Unmeasurable(f"options of the database's address: {word!r} is no setting, write -c name=value")
        settings[name] = value
    return settings


def _connect(url: str, settings: dict[str, str]) -> Connection:
    import psycopg

    try:
        return _opened(url, " ".join(f"-c {name}={_escaped(value)}" for name, value in settings.items()))
    except psycopg.OperationalError as problem:
        if _REFUSED not in str(problem):
            raise
        return _opened(url, "")


def _opened(url: str, options: str) -> Connection:
    import psycopg
    from psycopg.rows import dict_row

    return psycopg.connect(
        url,
        row_factory=dict_row,
        autocommit=True,
        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        options=options,
        application_name="examday",
    )


def _escaped(value: str) -> str:
    """The value as `options` holds it, where a blank ends a word."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _reads_only(connection: Connection) -> bool:
    row = connection.execute("SELECT current_setting('transaction_read_only') AS state").fetchone()
    return row is not None and row["state"] == "on"


def _set_in_one_transaction(connection: Connection, settings: dict[str, str]) -> None:
    """Begin a READ ONLY transaction, which keeps one connection of the server behind a pooler, and make the settings
    in it. They end with it, so that nobody who is given that connection next has them."""
    connection.autocommit = False
    connection.read_only = True
    connection.prepare_threshold = None  # a pooler's next connection does not have what was prepared
    for name, value in settings.items():
        if name != _READ_ONLY:
            connection.execute("SELECT set_config(%s, %s, true)", (name, value))
    connection.execute(_FRESH_COUNTERS)
    if not _reads_only(connection):
        raise Unmeasurable("the database does not keep a transaction READ ONLY, so it is not read")
