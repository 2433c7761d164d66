"""Exam mode is read by a statement that only reads, and switched by statements that write."""

import os
from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.exam_mode.exam_mode_flag import exam_mode_flag
from pytest_examday.target.changes import make
from pytest_examday.target.target import Target

_KEY = "env.staging.exam_mode.read.sql"


def _target(folder: Path, url: str, read: str, on: str = "SELECT 1") -> Target:
    (folder / "examday.toml").write_text(f"""
[env.staging]
api_url = "http://127.0.0.1:1"
schema = "reference"
database_url = "{url}"
write_database_url = "{url}"
allow = ["read", "write"]
[env.staging.exam_mode]
read.sql = "{read}"
on.sql = {on}
off.sql = "SELECT 1"
""")
    environment = load_environment("staging", None, None, (folder,), {})
    return Target(environment, RunFiles(folder, Redactor()), os.getpid())


@pytest.mark.parametrize(
    ("statement", "on", "detail"),
    [
        ("SELECT true, 'more'", True, ""),
        ("SELECT 'off' UNION ALL SELECT 'on'", False, ""),
        ("SELECT 7", None, f"{_KEY}: '7' is neither on nor off"),
        ("SELECT NULL", None, f"{_KEY}: 'None' is neither on nor off"),
        ("SELECT true WHERE false", None, f"{_KEY}: the statement gives no row"),
        ("SELECT mode", None, 'the database did not answer the query: column "mode" does not exist'),
        (
            "DELETE FROM exam_sessions RETURNING true",
            None,
            "the database did not answer the query: cannot execute DELETE in a read-only transaction",
        ),
    ],
)
def test_the_first_value_of_the_first_row_is_the_mode(
    server: str, tmp_path: Path, statement: str, on: bool | None, detail: str
) -> None:
    flag = exam_mode_flag(_target(tmp_path, server, statement, '"SELECT 1"'))
    assert flag is not None
    assert (flag.on, flag.detail, flag.whose) == (on, detail, "the database's flag")


def test_statements_that_switch_are_made_together_or_not_at_all(server: str, tmp_path: Path) -> None:
    insert = "INSERT INTO themes (id, name) VALUES (99, 'exam mode')"
    read = "SELECT count(*) FROM themes WHERE id = 99"
    for on, mode in ((f'["{insert}", "SELECT 1 / 0"]', False), (f'["{insert}", "SELECT 1"]', True)):
        target = _target(tmp_path, server, read, on)
        settings = target.environment.exam_mode
        assert settings is not None
        assert settings.on is not None
        if mode:
            make(target, settings.on, "exam_mode.on")
        else:
            with pytest.raises(Unmeasurable, match="division by zero"):
                make(target, settings.on, "exam_mode.on")
        flag = exam_mode_flag(target)
        assert flag is not None
        assert flag.on is mode
