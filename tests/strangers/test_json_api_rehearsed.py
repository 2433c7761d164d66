"""A platform that shares nothing with the embedded one is rehearsed by configuration alone: GO as it is, NO-GO with
defects planted in it, each in its gate."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.limits import thresholds
from tests.runs import PYTEST
from tests.strangers.started import started

_ROOT = Path(__file__).parents[2]
_CONFIGURATION = Path(__file__).parent / "json_api" / "examday.toml"
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


def _run(state: dict[str, Any], folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = {
        "STRANGER_API": state["api"],
        "STRANGER_DATABASE": state["database"],
        "STRANGER_REDIS": state["redis"],
        "STRANGER_FOLDER": str(Path(state["file"]).parent),
        "STRANGER_SERVICE": f"{sys.executable} -m tests.strangers.service",
        "STRANGER_WORKER_A": state["workers"]["worker-a"],
        "STRANGER_WORKER_B": state["workers"]["worker-b"],
        "PYTHONPATH": str(_ROOT),
        "COLUMNS": "2000",
    }
    left_out = ("API_URL", "AUTH_TOKEN", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        command, cwd=folder, env={**inherited, **variables}, capture_output=True, text=True, check=False, timeout=600
    )


def _configured(folder: Path, **limits: float) -> Path:
    (folder / "examday.toml").write_text(_CONFIGURATION.read_text() + "\n" + thresholds("stranger", **limits))
    return folder


def _gates(folder: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    verdict = json.loads((folder / "rehearsals" / "latest" / "verdict.json").read_text())
    return verdict["verdict"], {gate["name"]: gate for gate in verdict["gates"]}


def test_check_finds_nothing_wrong(json_api: dict[str, Any], tmp_path: Path) -> None:
    command = (sys.executable, "-m", "pytest_examday", "check", "--env", "stranger")
    done = _run(json_api, _configured(tmp_path), *command)
    assert done.stdout.splitlines()[-1:] == ["nothing is wrong"], done.stdout + done.stderr
    assert done.returncode == 0


def test_it_is_go_as_it_is(json_api: dict[str, Any], tmp_path: Path) -> None:
    done = _run(json_api, _configured(tmp_path), *PYTEST, "--env", "stranger", "-m", "gates")
    verdict, gates = _gates(tmp_path)
    assert {name: gate["reason"] for name, gate in gates.items() if gate["outcome"] != "pass"} == {}, done.stdout
    assert (verdict, done.returncode) == ("GO", 0)


def test_each_planted_defect_is_red_in_its_gate(tmp_path: Path) -> None:
    options = [part for defect in DEFECTS for part in ("--defect", defect)]
    folder = tmp_path / "platform"
    with started("json_api", folder, "--exam-mode", *options) as state:
        done = _run(state, _configured(tmp_path, p95_ms=500), *PYTEST, "--env", "stranger", "-m", "gates")
    verdict, gates = _gates(tmp_path)
    assert (verdict, done.returncode) == ("NO-GO", 1)
    for gate, told in DEFECTS.values():
        assert gates[gate]["outcome"] == "fail", gates[gate]
        assert told in gates[gate]["reason"]
    assert gates["db-pool"]["outcome"] == gates["stable-under-load"]["outcome"] == "pass"
