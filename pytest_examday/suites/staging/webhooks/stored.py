"""Reads the effects of webhooks in the service's database."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import sql

from pytest_examday.contract.vocabulary import PLACEHOLDER
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.settings import Sender, Stored
from pytest_examday.target.database import Connection, read_only

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.2
"""Seconds between two looks for an effect that has not come yet."""
_HIDDEN = """
    SELECT relation::regclass::text AS name FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype = 'relation' AND row_security_active(relation) LIMIT 1
"""
"""A table that a statement of this transaction has read, and whose rows policies may hide from this role. A plan does
not name such a table if there is no policy at all."""


class StoredEffects:
    """The effects of webhooks, by the configured SQL. What PostgreSQL says against a statement is raised as
    Unmeasurable, with the key of the statement."""

    def __init__(self, connection: Connection, settings: Stored) -> None:
        self.connection = connection
        self._settings = settings

    def rows(self, webhook_id: str, sender: Sender) -> list[dict[str, object]]:
        """The rows that a webhook has left; one row is one effect."""
        return self.select("stored.by_id", self._settings.by_id, sender, webhook_id)

    def attributed(self, webhook_id: str, sender: Sender) -> int:
        """The number of rows to which a webhook was attributed."""
        query = self._settings.attributed
        if query is None:
            raise Unmeasurable("webhooks.stored.attributed is not set")
        return len(self.select("stored.attributed", query, sender, webhook_id))

    def count(self, sender: Sender) -> int:
        """The number of all effects."""
        return self.number("stored.count", self._settings.count, sender)

    def number(self, key: str, query: str, sender: Sender) -> int:
        """The first value of a statement that selects one number."""
        rows = self.select(key, query, sender)
        value = next(iter(rows[0].values()), None) if rows else None
        try:
            return int(str(value))
        except ValueError:
            raise Unmeasurable(f"webhooks.{key} has to select one number") from None

    def wait_for(self, webhook_id: str, sender: Sender, seconds: float, *, attributed: bool = False) -> int:
        """The number of effects of an accepted webhook, as soon as there is one; 0 if none comes in this time."""
        end, pause = time.monotonic() + seconds, _FIRST_PAUSE
        while True:
            found = self.attributed(webhook_id, sender) if attributed else len(self.rows(webhook_id, sender))
            if found or time.monotonic() >= end:
                return found
            time.sleep(min(pause, max(end - time.monotonic(), 0)))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def hidden_table(self, webhook_id: str, sender: Sender) -> str:
        """A table of `stored.by_id` of which row level security may hide rows from this role; empty if none."""
        with self.connection.transaction():
            self.rows(webhook_id, sender)
            found = self.connection.execute(_HIDDEN).fetchone()
        return "" if found is None else str(found["name"])

    def select(self, key: str, query: str, sender: Sender, webhook_id: str = "") -> list[dict[str, object]]:
        """The rows of a statement of the configuration; `key` names it in a message."""
        values = {**sender.values, "id": webhook_id}
        try:
            return self.connection.execute(cast("Any", bound(query, values)), values).fetchall()
        except psycopg.Error as problem:
            raise Unmeasurable(f"webhooks.{key}: {_first_line(problem)}") from None


def bound(query: str, values: Mapping[str, str]) -> sql.SQL:
    """The query with `{NAME}` as a parameter for each of the values. Other braces, as of arrays, stay."""
    escaped = query.replace("%", "%%")
    # The statements are those of the configuration, whose author may read whatever the role may read.
    return sql.SQL(
        cast("Any", PLACEHOLDER.sub(lambda match: f"%({match[1]})s" if match[1] in values else match[0], escaped))
    )


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that only reads. Raises Unmeasurable if PostgreSQL cannot be reached, or does not answer."""
    try:
        with read_only(url) as connection:
            yield connection
    except psycopg.Error as problem:
        raise Unmeasurable(f"the database of the service: {_first_line(problem)}") from None


def _first_line(problem: Exception) -> str:
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]
