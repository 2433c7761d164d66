"""Whatever ends a rehearsal early: no process stays, no fault stays, what was gathered is kept, and it is NO-GO."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_examday.load.ledger import replay
from tests.rehearsal.conftest import Started, loads_of, nothing_left
from tests.waiting import wait_until

Start = Callable[..., Started]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_during_the_load(started: Start, workers: str) -> None:
    run = started("--env", "local", "-m", "gates", "-n", workers)
    run.wait_for("candidates working")
    data = run.platform_directory()
    run.interrupt()
    assert run.wait() == 2, run.output.read_text()
    assert nothing_left(data)
    assert not data.exists()
    assert not loads_of(run.directory)
    assert run.verdict["verdict"] == "NO-GO"
    assert "Traceback" not in run.output.read_text()
    freeze = json.loads((run.directory / "evidence" / "freeze.json").read_text())
    assert freeze["record"] is not None
    load = json.loads((run.directory / "evidence" / "load.json").read_text())
    assert load["record"] is None
    assert "interrupted" in load["unmeasured"]
    assert list(replay(run.directory / "ledger" / "load.ledger.jsonl"))


def test_ctrl_c_while_a_fault_is_in(started: Start) -> None:
    run = started("--env", "local", "-m", "phase3")
    run.wait_for("fault in: Redis stopped")
    journal = run.directory / "faults.jsonl"
    wait_until(lambda: '"event": "in"' in journal.read_text())
    data = run.platform_directory()
    run.interrupt()
    assert run.wait() == 2, run.output.read_text()
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [entry["event"] for entry in entries] == ["intended", "in", "out"]
    assert nothing_left(data)


def test_pytest_killed_leaves_no_process_behind(started: Start) -> None:
    run = started("--env", "local", "-m", "gates")
    run.wait_for("candidates working")
    data, directory = run.platform_directory(), run.directory
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait()
    assert nothing_left(data)
    assert not data.exists()
    assert not loads_of(directory)
    assert list(replay(directory / "ledger" / "load.ledger.jsonl"))


def test_the_load_killed_is_inconclusive(started: Start) -> None:
    run = started("--env", "local", "-m", "gates", "-k", "p95")
    run.wait_for("candidates working")
    (load,) = loads_of(run.directory)
    load.kill()
    assert run.wait() == 1, run.output.read_text()
    gates = {gate["name"]: gate for gate in run.verdict["gates"]}
    assert gates["p95-latency"]["outcome"] == "inconclusive"
    assert "the load process ended with exit status -9" in gates["p95-latency"]["reason"]
    assert list(replay(Path(run.directory) / "ledger" / "load.ledger.jsonl"))
