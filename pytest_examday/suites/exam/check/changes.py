"""Tries how exam mode is read beside the API, and looks at what would switch it and what would clean up. Nothing is
changed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from psycopg import sql

from pytest_examday.config.changes import Change, ExamModeSettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.exam_mode.exam_mode_flag import exam_mode_flag
from pytest_examday.target.changes import query_of

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def configured_changes(target: "Target") -> Iterator[CheckResult]:
    """A look at `exam_mode.read`, and at each configured change."""
    settings = target.environment.exam_mode or ExamModeSettings()
    flag = exam_mode_flag(target)
    if flag is not None:
        key = f"env.{target.environment.name}.exam_mode.read"
        if flag.on is None:
            yield CheckResult("exam_mode.read", "wrong", flag.detail, key)
        else:
            mode = f"{'on' if flag.on else 'off'} by {flag.whose}; the workers are not asked"
            yield CheckResult("exam_mode.read", "works", mode)
    when = {
        "exam_mode.on": (settings.on, "phase 1 makes this change if exam mode is off"),
        "exam_mode.off": (settings.off, "the end of the run makes it, if `on` was made"),
        "clean_up": (target.environment.clean_up, "`python -m pytest_examday clean` makes it"),
    }
    for key, (change, whose) in when.items():
        if change is not None:
            yield _look(target, change, key, whose)


def _look(target: "Target", change: Change, key: str, when: str) -> CheckResult:
    """SQL is planned, which requires the tables, columns and rights, and changes nothing."""
    refused = target.refusal("write", key)
    if refused is not None:
        return CheckResult(key, "untried", refused)
    if not change.sql:
        return CheckResult(key, "untried", f"not made here: {when}")
    try:
        for statement in change.sql:
            with target.connections.database_to_write() as connection:
                connection.execute(sql.SQL("EXPLAIN ") + query_of(statement, ()))
                connection.rollback()
    except Unmeasurable as reason:
        return CheckResult(key, "wrong", str(reason), f"env.{target.environment.name}.{key}.sql")
    return CheckResult(key, "works", f"PostgreSQL takes it; not made here: {when}")
