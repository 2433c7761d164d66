"""Exam mode is read beside the API: by a command, or in the environment with which the workers were started."""

import os
from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.evidence import ExamModeFlag
from pytest_examday.suites.exam.exam_mode.read_exam_mode import survey_of
from pytest_examday.target.target import Target
from tests import builders

_CONFIG = """
[env.staging]
api_url = "http://127.0.0.1:1"
contract = { preset = "reference", absent = ["exam_mode"] }
"""
_KEY = "env.staging.exam_mode.read.command"
_WORKERS = """
[env.staging.runtime]
kind = "command"
workers = ["worker-1", "worker-2"]
services.worker-1.environment = "echo EXAM_MODE=on"
services.worker-2.environment = "echo EXAM_MODE=off"
"""


def _target(folder: Path, more: str) -> Target:
    (folder / "examday.toml").write_text(_CONFIG + more)
    environment = load_environment("staging", None, None, (folder,), {})
    return Target(environment, RunFiles(folder, Redactor()), os.getpid())


@pytest.mark.parametrize(
    ("command", "on", "detail"),
    [
        ("echo ON", True, ""),
        ("echo mode; echo false", False, ""),
        ("echo perhaps", None, f"{_KEY}: 'perhaps' is neither on nor off"),
        ("true", None, f"{_KEY}: the command prints nothing"),
        ("echo no such flag >&2; exit 2", None, f"{_KEY} ended with exit status 2: no such flag"),
    ],
)
def test_a_command_tells_it_by_its_last_line(tmp_path: Path, command: str, on: bool | None, detail: str) -> None:
    made = survey_of(_target(tmp_path, f"exam_mode.read.command = '{command}'"))
    assert made.flag is not None
    assert (made.flag.on, made.flag.detail, made.readings) == (on, detail, ())
    assert made.flag.whose == f"what {_KEY} prints"
    assert (made.all_on, made.all_are(False)) == (on is True, on is False)


def test_without_operation_and_flag_the_environment_of_each_worker_tells_it(tmp_path: Path) -> None:
    made = survey_of(_target(tmp_path, _WORKERS))
    assert made.by_worker == {"worker-1": True, "worker-2": False}
    assert made.off == ("worker-2",)
    assert made.flag is None


def test_the_line_says_whose_view_a_flag_is() -> None:
    flag = ExamModeFlag(whose="the database's flag", on=True)
    alone = builders.line("exam-mode-is-on", freeze=builders.freeze(exam_mode_readings=(), exam_mode_flag=flag))
    assert alone.outcome == "pass"
    told = "on by the database's flag; the workers were not asked, and one may still see an earlier mode"
    assert told in alone.facts
    both = builders.line("exam-mode-is-on", freeze=builders.freeze(exam_mode_flag=flag))
    assert both.facts[-1] == "on by the database's flag"


def test_a_flag_that_is_off_makes_the_line_red_although_every_worker_says_on() -> None:
    flag = ExamModeFlag(whose="the database's flag", on=False)
    result = builders.line("exam-mode-is-on", freeze=builders.freeze(exam_mode_flag=flag))
    assert (result.outcome, result.reason) == ("fail", "exam mode is off by the database's flag")


def test_exam_mode_without_any_reading_is_not_on() -> None:
    unread = builders.freeze(exam_mode_readings=(), exam_mode_flag=None)
    assert not unread.exam_mode_is_on
    assert builders.freeze(exam_mode_readings=(True,), exam_mode_flag=None).exam_mode_is_on
