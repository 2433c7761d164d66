"""A platform of JSON-RPC over one path is rehearsed by configuration alone: most refusals are HTTP 200, answers have
versions, tickets live 90 seconds. It is GO as it is, NO-GO with defects planted in it."""

from pathlib import Path
from typing import Any

from tests.strangers.rehearsed import CHECK, GATES, configured, judged, not_passed, run
from tests.strangers.started import started

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


def _variables(state: dict[str, Any]) -> dict[str, str]:
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
    done = run(CHECK, rpc, configured("rpc", tmp_path), _variables(rpc))
    assert done.stdout.splitlines()[-1:] == ["nothing is wrong"], done.stdout + done.stderr
    assert done.returncode == 0


def test_it_is_go_as_it_is(rpc: dict[str, Any], tmp_path: Path) -> None:
    done = run(GATES, rpc, configured("rpc", tmp_path), _variables(rpc))
    verdict, gates = judged(tmp_path)
    assert not_passed(gates) == {}, done.stdout
    assert (verdict, done.returncode) == ("GO", 0)


def test_each_planted_defect_is_red_in_its_gate(tmp_path: Path) -> None:
    options = [part for defect in DEFECTS for part in ("--defect", defect)]
    with started("rpc", tmp_path / "platform", "--exam-mode", *options) as state:
        done = run(GATES, state, configured("rpc", tmp_path), _variables(state))
    verdict, gates = judged(tmp_path)
    assert (verdict, done.returncode) == ("NO-GO", 1)
    for gate, told in DEFECTS.values():
        assert gates[gate]["outcome"] == "fail", gates[gate]
        assert told in gates[gate]["reason"]
    assert gates["db-pool"]["outcome"] == gates["stable-under-load"]["outcome"] == "pass"
