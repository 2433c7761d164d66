"""A server-rendered platform with forms, cookies and CSRF values, and without Redis, is rehearsed by configuration
alone: GO as it is, NO-GO with defects planted in it, each in its gate."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.strangers.rehearsed import CHECK, GATES, configured, require_go, require_nothing_wrong, require_red, run

DEFECTS = {
    "loses-answers": ("zero-data-loss", "acknowledged answers lost"),
    "finishes-twice": ("no-duplicate-submits", "sessions submitted more than once"),
    "others-readable": ("exam-rules", "reading the exam of another candidate was accepted"),
    "still-clock": ("exam-rules", "the time left fell from"),
    "answers-after-finish": ("no-corrupted-sessions", "an answer after the submit was accepted"),
    "wrong-score": ("no-corrupted-sessions", "scores that the acknowledged answers do not earn"),
    "guard-executes-silently": ("exam-mode-verified", "exam.staff_work (rows written"),
    "lines-missing": ("logs-sufficient", "requests are not in the log"),
}
"""By defect: the gate that it turns red, and a part of the reason."""


def _variables(state: Mapping[str, Any]) -> dict[str, str]:
    return {
        "STRANGER_API": state["site"],
        "STRANGER_DATABASE": state["database"],
        "STRANGER_STAFF": state["staff"]["email"],
        "STRANGER_STAFF_PASSWORD": state["staff"]["password"],
        "STRANGER_PEOPLE": state["people"]["email"],
        "STRANGER_PASSWORD": state["people"]["password"],
        "STRANGER_WORKER_1": state["workers"]["worker-1"],
        "STRANGER_WORKER_2": state["workers"]["worker-2"],
    }


def test_check_finds_nothing_wrong(pages: dict[str, Any], tmp_path: Path) -> None:
    require_nothing_wrong("pages", pages, tmp_path, _variables)


def test_check_names_each_mistake_with_its_key(pages: dict[str, Any], tmp_path: Path) -> None:
    file = configured("pages", tmp_path) / "examday.toml"
    planted = {
        '"meta[name=csrf]@content"': '"meta[name=token]@content"',
        "#left@data-seconds": "time.left@data-seconds",
        '"cookie:pre"': '"cookie:before"',
        '"#score"': '".question@data-id"',
        "HTTP/1": "HTTP/2",
    }
    text = file.read_text()
    for right, wrong in planted.items():
        assert right in text
        text = text.replace(right, wrong)
    file.write_text(text)
    done = run(CHECK, pages, tmp_path, _variables(pages))
    told = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert done.returncode == 1, done.stdout + done.stderr
    assert {"contract.before_login.keeps.pre", "contract.login", "log_format"} <= set(told), done.stdout


def test_k6_says_what_it_cannot_do(pages: dict[str, Any], tmp_path: Path) -> None:
    command = (*GATES, "--examday-engine", "k6")
    done = run(command, pages, configured("pages", tmp_path), _variables(pages))
    assert done.returncode == 4
    told = "--examday-engine k6 cannot do contract.before_login, contract.after_login, contract.before_login.page"
    assert told in done.stdout + done.stderr


def test_it_is_go_as_it_is(pages: dict[str, Any], tmp_path: Path) -> None:
    require_go("pages", pages, tmp_path, _variables)


def test_each_planted_defect_is_red_in_its_gate(tmp_path: Path) -> None:
    require_red("pages", tmp_path, _variables, DEFECTS)
