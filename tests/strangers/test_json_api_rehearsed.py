"""A platform that shares nothing with the embedded one is rehearsed by configuration alone: GO as it is, NO-GO with
defects planted in it, each in its gate."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.strangers.rehearsed import require_go, require_nothing_wrong, require_red

DEFECTS = {
    "lost-answers": ("zero-data-loss", "acknowledged answers lost"),
    "second-finish-event": ("no-duplicate-submits", "sessions submitted more than once"),
    "others-read": ("exam-rules", "reading the exam of another candidate was accepted"),
    "late-answers": ("p95-latency", "p95 of"),
    "worker-without-exam-mode": ("exam-mode-verified", "worker-b"),
    "points-too-high": ("no-corrupted-sessions", "scores that the acknowledged answers do not earn"),
    "lines-without-id": ("logs-sufficient", "lack request id, route, status or duration"),
}
"""By defect: the gate that it turns red, and a part of the reason."""


def _variables(state: Mapping[str, Any]) -> dict[str, str]:
    return {
        "STRANGER_API": state["api"],
        "STRANGER_DATABASE": state["database"],
        "STRANGER_REDIS": state["redis"],
        "STRANGER_WORKER_A": state["workers"]["worker-a"],
        "STRANGER_WORKER_B": state["workers"]["worker-b"],
    }


def test_check_finds_nothing_wrong(json_api: dict[str, Any], tmp_path: Path) -> None:
    require_nothing_wrong("json_api", json_api, tmp_path, _variables)


def test_it_is_go_as_it_is(json_api: dict[str, Any], tmp_path: Path) -> None:
    require_go("json_api", json_api, tmp_path, _variables)


def test_each_planted_defect_is_red_in_its_gate(tmp_path: Path) -> None:
    require_red("json_api", tmp_path, _variables, DEFECTS, p95_ms=500)
