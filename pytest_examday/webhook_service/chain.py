"""The service's own chain of migrations: plain SQL files in the order of their numbers, each with a rollback."""

from dataclasses import dataclass
from importlib import resources
from typing import Any

import psycopg

_PACKAGE = resources.files("pytest_examday.webhook_service")
_WITHOUT_TRANSACTION = "-- no transaction"
"""A file whose first line begins with this runs statement by statement, each in a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Script:
    """One SQL file: `name` is that of the file, and a migration and its rollback have the same."""

    name: str
    text: str

    @property
    def is_one_transaction(self) -> bool:
        """Whether all statements of the file are applied together or not at all."""
        return not self.text.startswith(_WITHOUT_TRANSACTION)

    @property
    def statements(self) -> list[str]:
        """The statements of a file without a transaction: an empty line separates them."""
        return [part for part in self.text.split(";\n\n") if part.strip()]


def roles() -> Script:
    """The script that creates the roles of the server; it runs before the first migration."""
    return Script("roles.sql", _PACKAGE.joinpath("roles.sql").read_text(encoding="utf-8"))


def migrations() -> tuple[Script, ...]:
    """All migrations, first to last."""
    return _scripts("migrations")


def rollbacks() -> tuple[Script, ...]:
    """All rollbacks in the order in which they run: that of the last migration is the first."""
    return tuple(reversed(_scripts("rollbacks")))


def apply(connection: psycopg.Connection[Any], script: Script) -> None:
    """Run one script on a connection in autocommit mode. Raises `psycopg.Error` if the server refuses a statement."""
    if script.is_one_transaction:
        with connection.transaction():
            connection.execute(script.text.encode())
        return
    for statement in script.statements:
        connection.execute(statement.encode())


def _scripts(folder: str) -> tuple[Script, ...]:
    files = sorted(_PACKAGE.joinpath(folder).iterdir(), key=lambda file: file.name)
    return tuple(Script(file.name, file.read_text(encoding="utf-8")) for file in files if file.name.endswith(".sql"))
