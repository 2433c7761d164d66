"""Makes the changes that an environment configures: by SQL, by a command or by an operation of the API."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_examday.config.changes import SUBJECTS, Change
from pytest_examday.contract.refusal_words import quoted
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.shell import run

if TYPE_CHECKING:
    from psycopg import sql

    from pytest_examday.target.target import Target

COMMAND_SECONDS = 60.0
"""How long a command that reads or changes something may take."""
_PLACEHOLDER = re.compile(rf"\{{{SUBJECTS}\}}")


def make(target: "Target", change: Change, key: str) -> None:
    """Make the change; `key` is its key in the configuration. Raises Unmeasurable if it was not made, or if the
    environment does not allow `write`."""
    refused = target.refusal("write", key)
    if refused is not None:
        raise Unmeasurable(refused)
    key = f"env.{target.environment.name}.{key}.{change.way}"
    if change.sql:
        with target.connections.database_to_write() as connection:
            for statement in change.sql:
                connection.execute(query_of(statement, ()))
    elif change.command is not None:
        run_command(target, change.command, key)
    elif change.operation is not None:
        reply = target.api.call(change.operation)
        if not reply.accepted:
            raise Unmeasurable(f"{key}: {reply}{quoted(reply.words)}")


def run_command(
    target: "Target",
    command: str,
    key: str,
    variables: Mapping[str, str] | None = None,
    seconds: float = COMMAND_SECONDS,
) -> str:
    """Run a command of the configuration, and return what it printed. Raises Unmeasurable unless it ends with 0 in
    time."""
    ended = run(command, key, seconds, {**target.environment.command_variables, **(variables or {})})
    if ended.exit_status != 0:
        said = target.files.redactor.clean(ended.last_line_of_output)
        raise Unmeasurable(f"{key} ended with exit status {ended.exit_status}: {said}")
    return ended.output


def query_of(statement: str, subjects: tuple[str, ...]) -> "sql.Composed":
    """The statement with the ids of these subjects in place of its placeholder, as an array of texts."""
    from psycopg import sql

    ids = sql.SQL("{}::text[]").format(sql.Literal(list(subjects)))
    first, *others = (sql.SQL(part) for part in _PLACEHOLDER.split(statement))
    return sum((ids + part for part in others), sql.Composed([first]))
