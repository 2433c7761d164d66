"""Opens connections to the platform's PostgreSQL on which nothing can be written."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_examday.errors import Unmeasurable

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[dict[str, object]]"
"""A PostgreSQL connection whose rows are dictionaries. The alias is a text, so that importing it loads no database
driver."""

_CONNECT_TIMEOUT_SECONDS = 5
_READ_ONLY = "default_transaction_read_only"
_OWN = {_READ_ONLY: "on"}
_UNLESS_GIVEN = {"statement_timeout": "60s"}
_NO_LIMIT = re.compile(r"0+\s*[a-z]*")
_REFUSED = "unsupported startup parameter"
"""What PgBouncer says of a start-up parameter that it neither passes on nor was told to ignore."""

# Within a transaction the counters of the server would stay as they were at the first look.
_FRESH_COUNTERS = "SELECT set_config(name, 'none', true) FROM pg_settings WHERE name = 'stats_fetch_consistency'"


@contextmanager
def read_only(url: str) -> Iterator[Connection]:
    """A connection that cannot write, with a statement timeout of 60 s unless the address has one. All that the address
    says is kept, but for `default_transaction_read_only`.

    Settings travel in the start-up parameter `options`. A pooler may refuse it or drop it: then one transaction that is
    READ ONLY spans the connection's whole use, and the settings are made in it. Raises psycopg.Error if PostgreSQL
    cannot be reached, and Unmeasurable if it lets the rehearsal write all the same.
    """
    given = {name: value for name, value in _settings_of(url).items() if not _is_unlimited(name, value)}
    settings = {**_UNLESS_GIVEN, **given, **_OWN}
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


def _is_unlimited(name: str, value: str) -> bool:
    """Whether the setting lets a statement take for ever."""
    return name == "statement_timeout" and _NO_LIMIT.fullmatch(value.strip()) is not None


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
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.rows import dict_row

    given = conninfo_to_dict(url)
    own: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS, "application_name": "examday"}
    told = {name: value for name, value in own.items() if name not in given}
    return psycopg.connect(url, row_factory=dict_row, autocommit=True, options=options, **told)


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
