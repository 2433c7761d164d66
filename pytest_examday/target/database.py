"""Opens connections to the platform's PostgreSQL: on which nothing can be written, or for one transaction that may."""

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
_UNLESS_GIVEN = {"statement_timeout": "60s"}
_NO_LIMIT = re.compile(r"0+\s*[a-z]*")
_READ_ONLY = "transaction_read_only"


@contextmanager
def read_only(url: str) -> Iterator[Connection]:
    """A connection that cannot write, with a statement timeout of 60 s unless the address has one. All settings of the
    address are kept, except `transaction_read_only`.

    Each statement runs in a READ ONLY transaction of its own, and raises Unmeasurable if the server gives none
    (`ReadingConnection`). Raises psycopg.Error if PostgreSQL cannot be reached.
    """
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.rows import dict_row

    from pytest_examday.target.reading_connection import ReadingConnection

    settings = {name: value for name, value in _settings_of(url).items() if not _is_unlimited(name, value)}
    options = conninfo_to_dict(url)
    own: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS, "application_name": "examday"}
    connection = ReadingConnection.connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        options="",  # a pooler may refuse or drop them
        **{name: value for name, value in own.items() if name not in options},
    )
    connection.begin_with({**_UNLESS_GIVEN, **settings})
    with connection:
        yield connection


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """A connection for one transaction that may write. It is committed when the block ends, and rolled back if the
    block raises. A statement has 60 s unless the address says otherwise.

    The transaction sees what was stored when it began, so that what others write meanwhile is not taken for its work.
    Raises psycopg.Error if PostgreSQL cannot be reached.
    """
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.rows import dict_row

    options = conninfo_to_dict(url)
    own: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS, "application_name": "examday"}
    with psycopg.connect(
        url,
        row_factory=dict_row,
        options="",  # a pooler may refuse or drop them
        prepare_threshold=None,
        **{name: value for name, value in own.items() if name not in options},
    ) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        for setting in {**_UNLESS_GIVEN, **_settings_of(url)}.items():
            connection.execute(sql.SQL("SELECT set_config({}, {}, true)").format(*setting))
        yield connection


def _settings_of(url: str) -> dict[str, str]:
    """The settings in the `options` of the address, such as `-c search_path=exam`.

    Raises Unmeasurable for options of another kind, which no transaction could make.
    """
    from psycopg.conninfo import conninfo_to_dict

    options = str(conninfo_to_dict(url).get("options") or "")
    settings: dict[str, str] = {}
    words = iter(shlex.split(options))
    for word in words:
        pair = next(words, "") if word == "-c" else word.removeprefix("-c").removeprefix("--")
        name, equals, value = pair.partition("=")
        if not equals or not word.startswith("-"):
            raise Unmeasurable(f"options of the database's address: {word!r} is no setting, write -c name=value")
        if not name.endswith(_READ_ONLY):  # the rehearsal's own
            settings[name] = value
    return settings


def _is_unlimited(name: str, value: str) -> bool:
    """Whether the setting lets a statement take for ever."""
    return name == "statement_timeout" and _NO_LIMIT.fullmatch(value.strip()) is not None
