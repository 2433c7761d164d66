"""A platform of JSON-RPC over one path is rehearsed by configuration alone: most refusals are HTTP 200, answers have
versions, tickets live 90 seconds. It is GO as it is, NO-GO with defects planted in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.strangers.rehearsed import require_go, require_nothing_wrong, require_red

DEFECTS = {
    "lost-answers": ("zero-data-loss", "acknowledged answers lost"),
    "closes-counted-twice": ("no-duplicate-submits", "submissions acknowledged with several results"),
    "guard-executes": ("exam-mode-verified", "job (rows written"),
    "answers-after-close": ("no-corrupted-sessions", "an answer after the submit was accepted"),
    "stale-accepted": ("no-corrupted-sessions", "after an older answer came late a reload shows"),
    "others-read": ("exam-rules", "reading the exam of another candidate was accepted"),
    "lines-missing": ("logs-sufficient", "requests are not in the log"),
}
"""By defect: the gate that it turns red, and a part of the reason."""


def _variables(state: Mapping[str, Any]) -> dict[str, str]:
    return {
        "STRANGER_API": state["api"],
        "STRANGER_DATABASE": state["database"],
        "STRANGER_REDIS": state["redis"],
        "STRANGER_ADMIN": state["admin"]["user"],
        "STRANGER_SECRET": state["people"]["secret"],
        "STRANGER_WORKER_1": state["workers"]["worker-1"],
        "STRANGER_WORKER_2": state["workers"]["worker-2"],
    }


def test_check_finds_nothing_wrong(rpc: dict[str, Any], tmp_path: Path) -> None:
    require_nothing_wrong("rpc", rpc, tmp_path, _variables)


def test_it_is_go_as_it_is(rpc: dict[str, Any], tmp_path: Path) -> None:
    require_go("rpc", rpc, tmp_path, _variables)


def test_each_planted_defect_is_red_in_its_gate(tmp_path: Path) -> None:
    require_red("rpc", tmp_path, _variables, DEFECTS)
