"""Reads exam mode beside the API: by a statement or a command of the configuration."""

from typing import TYPE_CHECKING

from pytest_examday.contract.numbers_and_moments import truth
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.evidence import ExamModeFlag
from pytest_examday.target.changes import run_command

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_LONGEST = 60
"""How many characters of a value that is no mode are quoted."""


def exam_mode_flag(target: "Target") -> ExamModeFlag | None:
    """Exam mode as the configured statement or command tells it; None if none is configured."""
    settings = target.environment.exam_mode
    if settings is None or settings.read is None:
        return None
    key = f"env.{target.environment.name}.exam_mode.read"
    statement, command = settings.read.sql, settings.read.command
    if statement is not None:
        key, whose = f"{key}.sql", "the database's flag"
    else:
        key, whose = f"{key}.command", f"what {key}.command prints"
    try:
        value = (
            _by_command(target, command, key) if command is not None else _by_statement(target, statement or "", key)
        )
    except Unmeasurable as reason:
        return ExamModeFlag(whose=whose, on=None, detail=str(reason))
    on = truth(value)
    shown = target.files.redactor.clean(str(value))[:_LONGEST]
    return ExamModeFlag(whose=whose, on=on, detail="" if on is not None else f"{key}: {shown!r} is neither on nor off")


def _by_statement(target: "Target", statement: str, key: str) -> object:
    """The first value of the first row."""
    from psycopg.rows import tuple_row

    with target.connections.database() as connection, connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(statement.encode()).fetchone()
    if not row:
        raise Unmeasurable(f"{key}: the statement gives no row")
    return row[0]


def _by_command(target: "Target", command: str, key: str) -> object:
    """The last line that the command prints."""
    lines = run_command(target, command, key).strip().splitlines()
    if not lines:
        raise Unmeasurable(f"{key}: the command prints nothing")
    return lines[-1]
