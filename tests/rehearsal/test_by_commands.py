"""Drills through a user's own shell commands: what they tell is all that the rehearsal knows of the services."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.platform.platform_harness import Platform
from tests.rehearsal.conftest import SMALL, Started

CONTROL = """
import json, socket, sys
state, command, service = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(json.load(open(state))["control"])
    connection.sendall(json.dumps({"command": command, "service": service}).encode() + b"\\n")
    answer = json.loads(connection.makefile().readline())
if "error" in answer:
    sys.exit(answer["error"])
if command == "status":
    pids = {**answer["result"]["services"], **answer["result"]["workers"]}
    print(pids[service] or "")
"""
"""What an operator has at hand: a small program for a few words at a shell."""
DRILLS = {
    "drill_redis_outage": "redis",
    "drill_postgres_crash": "postgres",
    "drill_worker_restart": "worker-2",
    "drill_worker_pause": "worker-2",
}
"""Stopped and started after a while, killed, stopped and started at once, paused."""


def _commands(control: str, service: str) -> dict[str, str]:
    pid = f"$({control} status {service})"
    return {
        "status": f'test -n "{pid}"',
        "start": f"{control} start {service}",
        "stop": f"{control} stop {service}",
        "kill": f"{control} kill {service}",
        "pause": f"kill -STOP {pid}",
        "unpause": f"kill -CONT {pid}",
        "paused": f"grep -q '^State:.T' /proc/{pid}/status",
    }


def _config(platform: Platform, folder: Path) -> str:
    program = folder / "control.py"
    program.write_text(CONTROL)
    state = platform.state
    control = f"{sys.executable} -IS {program} {platform.directory / 'platform.json'}"
    accounts = state["candidates"]
    lines = [
        "[env.staging]",
        *(f"{key} = {json.dumps(state[key])}" for key in ("api_url", "database_url", "redis_url")),
        'allow = ["read", "write", "disrupt"]',
        f'admin = {{ email = "{state["admin"]["email"]}", password = "{state["admin"]["password"]}" }}',
        f'candidates = {{ email = "{accounts["email"]}", password = "{accounts["password"]}", count = 120 }}',
        f'logs = ["{platform.directory}/logs/worker-*.log"]',
        "[env.staging.runtime]",
        'kind = "command"',
        'workers = ["worker-1", "worker-2"]',
    ]
    for service in ("redis", "postgres", "worker-1", "worker-2"):
        lines.append(f"[env.staging.runtime.services.{service}]")
        lines += [f"{name} = {json.dumps(command)}" for name, command in _commands(control, service).items()]
    return "\n".join(lines) + SMALL + 'drills = ["worker_restart", "worker_pause"]\n'


def test_four_drills_are_made_by_commands(platform: Platform, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """One test, because a process of its own for each of its parts would rehearse once more."""
    chosen = (
        "-m",
        "phase3",
        "-k",
        "not worker_loss",
    )
    run = Started(tmp_path, "--env", "staging", *chosen, "--tb=line", config=_config(platform, tmp_path))
    try:
        status = run.wait()
    finally:
        run.kill()
    assert status == 0, run.output.read_text()
    for name in DRILLS:
        with subtests.test("a fault goes in and out and is recovered from", drill=name):
            _expect_borne(name, run.record(name))
    with subtests.test("every command was felt"):
        _expect_felt(run, platform)


def _expect_borne(name: str, record: dict[str, Any]) -> None:
    assert record["target"] == DRILLS[name]
    assert record["fault_gone"], record["fault_gone_detail"]
    assert record["reconciliation"]["acknowledged"] > 0
    assert (record["reconciliation"]["lost"], record["reconciliation"]["stale"]) == (0, 0)
    seconds = {item["name"]: item["seconds"] for item in record["recoveries"]}
    assert {"worker-1", "worker-2", "answer"} < set(seconds)
    assert None not in seconds.values()
    print(name, seconds)


def _expect_felt(rehearsal: Started, platform: Platform) -> None:
    """Redis was missed in the log, the paused worker's requests came late, the restarted one is another process."""
    assert rehearsal.record("drill_redis_outage")["warnings_logged"] > 0
    paused = rehearsal.record("drill_worker_pause")
    assert paused["during"]["overall"]["max_ms"] > paused["before"]["overall"]["p50_ms"] + 500
    assert platform.control.status()["workers"]["worker-2"] != platform.state["workers"]["worker-2"]
