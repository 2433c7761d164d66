"""`check` shows of each log how many lines are as its format says, and which fields they have."""

from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.check.logs import logs
from pytest_examday.target.target import Target

_RECORDED = Path(__file__).parents[3] / "observe" / "recorded"


def _rows(folder: Path, text: str) -> list[tuple[str, str, str, str]]:
    """What was tried, the state, the words and the key to write."""
    (folder / "examday.toml").write_text(f"[env.x]\n{text}")
    environment = load_environment("x", None, None, (folder,), {})
    target = Target(environment, RunFiles(folder, Redactor()), 1)
    return [(row.what, row.state, row.message, row.key_to_write) for row in logs(target)]


def test_pattern_share_and_fields_are_shown(tmp_path: Path) -> None:
    log = f"{_RECORDED}/uvicorn-dated.log"
    (of_log, *fields) = _rows(tmp_path, f'logs = ["{log}"]\nlog_format = "uvicorn"')
    assert of_log[:2] == (f"log {log}", "works")
    assert of_log[2].startswith("5 of the last 14 lines match ^(?:(?P<time>")
    assert of_log[2].endswith("; another is '2026-11-28 03:36:13,869 INFO:     Finished server process [25765]'")
    assert [(what, state) for what, state, _, _ in fields] == [
        ("log_format.timestamp", "works"),
        ("log_format.level", "works"),
        ("log_format.route", "works"),
        ("log_format.status", "works"),
        ("log_format.request_id", "untried"),
        ("log_format.total_ms", "untried"),
    ]
    assert fields[-1][2] == "the format has none; without another log that has it, durations are not judged"


def test_lines_without_a_time_are_wrong(tmp_path: Path) -> None:
    rows = _rows(tmp_path, f'logs = ["{_RECORDED}/uvicorn.log"]\nlog_format = "uvicorn"')
    (wrong,) = (row for row in rows if row[1] == "wrong")
    assert (wrong[0], wrong[3]) == ("log_format.timestamp", "log_format.timestamp")
    assert wrong[2].startswith("nothing at time; a line holds ")


def test_a_format_that_matches_no_line_is_wrong_with_its_pattern_and_the_last_line(tmp_path: Path) -> None:
    rows = _rows(tmp_path, f'logs = ["{_RECORDED}/nginx-timed.log"]\nlog_format = "nginx-traced"')
    assert [row[1] for row in rows] == ["untried", "wrong"]
    assert rows[1][3] == "log_format.pattern"
    assert rows[1][2].startswith("no line can be read by the pattern ^(?P<address>")
    assert "; the last one is '::1 - - [28/Nov/2026" in rows[1][2]


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("*/recorded/*", ['log_format.of."*/recorded/*".request_id']),
        ("proxy", ['log_format.of."proxy"', "log_format.request_id"]),
    ],
)
def test_the_format_of_one_log_is_named_by_its_pattern(tmp_path: Path, pattern: str, keys: list[str]) -> None:
    text = f"""
logs = ["{_RECORDED}/nginx-timed.log"]
log_format = {{preset = "nginx-timed", of = {{"{pattern}" = "nginx-timed"}}}}
"""
    rows = _rows(tmp_path, text)
    assert [row[0] for row in rows if row[1] != "works" and not row[0].startswith("log ")] == keys
    if pattern == "proxy":
        assert rows[0][2] == f"matches the name of no log; the logs are {_RECORDED}/nginx-timed.log"


def test_logs_without_a_line_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    rows = _rows(tmp_path, f'logs = ["{tmp_path}/empty.log"]\nlog_format = "uvicorn"')
    assert rows[-1] == ("logs", "wrong", "there is no line, although requests were sent", "env.x.logs")
