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
_STATEMENT_TIMEOUT = ("statement_timeout", "60s")
_READ_ONLY = "transaction_read_only"


@contextmanager
def read_only(url: str) -> Iterator[Connection]:
    """A connection that cannot write, with a statement timeout of 60 s. The settings in the `options` of the address
    are kept.

    Each statement runs in a READ ONLY transaction of its own, and raises Unmeasurable if the server gives none
    (`ReadingConnection`). Raises psycopg.Error if PostgreSQL cannot be reached.
    """
    from psycopg.rows import dict_row

    from pytest_examday.target.reading_connection import ReadingConnection

    settings = dict((*_settings_of(url).items(), _STATEMENT_TIMEOUT))
    connection = ReadingConnection.connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        options="",  # a pooler may refuse or drop them
        application_name="examday",
    )
    connection.begin_with(settings)
    with connection:
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
        if not name.endswith(_READ_ONLY):  # the rehearsal's own
            settings[name] = value
    return settings
