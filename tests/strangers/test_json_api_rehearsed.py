"""A platform that shares nothing with the embedded one is rehearsed by configuration alone: GO as it is, NO-GO with
defects planted in it, each in its gate."""

from pathlib import Path
from typing import Any

from tests.strangers.rehearsed import CHECK, GATES, configured, judged, not_passed, run
from tests.strangers.started import started

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


def _variables(state: dict[str, Any]) -> dict[str, str]:
    return {
        "STRANGER_API": state["api"],
        "STRANGER_DATABASE": state["database"],
        "STRANGER_REDIS": state["redis"],
        "STRANGER_WORKER_A": state["workers"]["worker-a"],
        "STRANGER_WORKER_B": state["workers"]["worker-b"],
    }


def test_check_finds_nothing_wrong(json_api: dict[str, Any], tmp_path: Path) -> None:
    done = run(CHECK, json_api, configured("json_api", tmp_path), _variables(json_api))
    assert done.stdout.splitlines()[-1:] == ["nothing is wrong"], done.stdout + done.stderr
    assert done.returncode == 0


def test_it_is_go_as_it_is(json_api: dict[str, Any], tmp_path: Path) -> None:
    done = run(GATES, json_api, configured("json_api", tmp_path), _variables(json_api))
    verdict, gates = judged(tmp_path)
    assert not_passed(gates) == {}, done.stdout
    assert (verdict, done.returncode) == ("GO", 0)


def test_each_planted_defect_is_red_in_its_gate(tmp_path: Path) -> None:
    options = [part for defect in DEFECTS for part in ("--defect", defect)]
    with started("json_api", tmp_path / "platform", "--exam-mode", *options) as state:
        done = run(GATES, state, configured("json_api", tmp_path, p95_ms=500), _variables(state))
    verdict, gates = judged(tmp_path)
    assert (verdict, done.returncode) == ("NO-GO", 1)
    for gate, told in DEFECTS.values():
        assert gates[gate]["outcome"] == "fail", gates[gate]
        assert told in gates[gate]["reason"]
    assert gates["db-pool"]["outcome"] == gates["stable-under-load"]["outcome"] == "pass"
