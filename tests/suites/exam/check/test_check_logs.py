"""`check` shows of each log how many lines are as its format says, and which fields they have."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.contract.operation import Operation
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.check import own_requests
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.check.logs import logs
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_RECORDED = Path(__file__).parents[3] / "observe" / "recorded"
_Rows = list[tuple[str, str, str, str]]


def _rows(folder: Path, text: str, replies: Sequence[Reply] = ()) -> _Rows:
    """What was tried, the state, the words and the key to write."""
    return [(row.what, row.state, row.message, row.key_to_write) for row in _results(folder, text, replies)]


def _results(folder: Path, text: str, replies: Sequence[Reply]) -> list[CheckResult]:
    (folder / "examday.toml").write_text(f"[env.x]\n{text}")
    environment = load_environment("x", None, None, (folder,), {})
    target = Target(environment, RunFiles(folder, Redactor()), 1)
    return list(logs(target, replies))


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


def _own_lines(folder: Path, milliseconds: float, log_format: str, ids: str = "ed-{}", code: object = 200) -> _Rows:
    """The rows about six requests that took 40 ms here, and about the lines with these ids, durations and codes."""
    line = {"time": "2026-11-28T10:00:00Z", "path": "/x", "code": code, "ms": milliseconds}
    (folder / "api.log").write_text("".join(json.dumps(line | {"id": ids.format(n)}) + "\n" for n in range(6)))
    keys = 'timestamp = "time", request_id = "id", route = "path", status = "code", total_ms = "ms"'
    text = f'logs = ["{folder}/api.log"]\nlog_format = {{{keys}, {log_format}}}'
    operation = Operation(method="GET", path="/x")
    replies = [Reply(operation, 200, {}, f"ed-{n}", 40.0) for n in range(6)]
    return _rows(folder, text, replies)


@pytest.mark.parametrize(("milliseconds", "unit", "right"), [(0.031, "ms", "s"), (31, "s", "ms")])
def test_durations_in_another_unit_are_wrong_with_the_unit_that_fits(
    tmp_path: Path, milliseconds: float, unit: str, right: str
) -> None:
    rows = _own_lines(tmp_path, milliseconds, f'duration_unit = "{unit}"')
    assert rows[-1][:2] == ("log_format.duration_unit", "wrong")
    assert rows[-1][2].endswith(f"; in {right} it would be 31 ms")
    assert rows[-1][3] == f'log_format.duration_unit = "{right}"'


@pytest.mark.parametrize(("milliseconds", "unit"), [(31, "ms"), (0.031, "s")])
def test_durations_in_their_unit_are_told_with_what_was_measured(
    tmp_path: Path, milliseconds: float, unit: str
) -> None:
    rows = _own_lines(tmp_path, milliseconds, f'duration_unit = "{unit}"')
    assert [row[1] for row in rows[-2:]] == ["works", "works"]
    assert rows[-1][2] == "a request that took 40.0 ms here took 31 ms by the log"


@pytest.mark.parametrize("code", [99, 4230, 201, "fine"])
def test_another_status_than_that_of_the_reply_is_wrong_with_the_key_of_the_status(
    tmp_path: Path, code: object
) -> None:
    rows = _own_lines(tmp_path, 31, 'duration_unit = "ms"', code=code)
    (wrong,) = (row for row in rows if row[1] == "wrong")
    assert (wrong[0], wrong[3]) == ("log_format.status", "log_format.status")
    assert wrong[2] == (
        "of 6 of 6 requests that were just sent, the log has another status than the reply had; one was answered with "
        f"HTTP 200, and its line has {code!r}"
    )


def test_a_status_that_one_of_two_logs_has_as_the_reply_is_enough(tmp_path: Path) -> None:
    line = {"time": "2026-11-28T10:00:00Z", "path": "/x", "ms": 31}
    for name, code in (("worker", 500), ("proxy", 200)):
        lines = (json.dumps(line | {"id": f"ed-{number}", "code": code}) + "\n" for number in range(6))
        (tmp_path / f"{name}.log").write_text("".join(lines))
    keys = 'timestamp = "time", request_id = "id", route = "path", status = "code", total_ms = "ms"'
    text = f'logs = ["{tmp_path}/*.log"]\nlog_format = {{{keys}, of = {{"*/proxy.log" = {{{keys}}}}}}}'
    operation = Operation(method="GET", path="/x")
    rows = _rows(tmp_path, text, [Reply(operation, 200, {}, f"ed-{number}", 40.0) for number in range(6)])
    assert [row for row in rows if row[1] == "wrong"] == []


def test_ids_that_were_not_sent_are_wrong_with_the_key_of_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_requests, "_PATIENCE_SECONDS", 0.0)
    rows = _own_lines(tmp_path, 31, 'duration_unit = "ms"', ids="other-{}")
    assert rows[-1][:2] == ("ids of requests", "wrong")
    assert rows[-1][3] == "contract.request_id_header"


def test_without_an_id_in_any_log_the_gates_that_need_it_are_told(tmp_path: Path) -> None:
    rows = _results(tmp_path, f'logs = ["{_RECORDED}/uvicorn-dated.log"]\nlog_format = "uvicorn"', [])
    assert {row.key_to_write: row.gates for row in rows if row.gates} == {
        "log_format.request_id": ("logs-sufficient", "no-silent-failures"),
        "log_format.total_ms": ("logs-sufficient",),
    }
