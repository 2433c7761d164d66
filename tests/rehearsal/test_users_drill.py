"""A drill of the user's, with a fault and an undo of its own: from hook to evidence, lines and report."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.platform.platform_harness import Platform
from tests.rehearsal.conftest import SMALL, Started
from tests.waiting import wait_until

Start = Callable[..., Started]
_HOOKS = """
from frozen_queue import DRILL

def pytest_examday_drills(suite):
    return [DRILL] if suite == "exam" else []
"""
_DRILL = '''
"""A fault that only its owner knows how to make and to undo: a file says that the queue is frozen."""

from pathlib import Path

from pydantic import BaseModel

from pytest_examday.public import Drill, Fault, Probe, Undo

FILE = Path(__file__).with_name("frozen")


class Thaw(BaseModel):
    file: str

    def carry_out(self, runtime):
        Path(self.file).unlink(missing_ok=True)

    def remains(self, runtime):
        return f"frozen: {self.file}" if Path(self.file).exists() else None

    def by_hand(self):
        return f"remove {self.file}"


def frozen(target):
    return Fault("queue frozen", "queue", FILE.touch, Undo.of(Thaw(file=str(FILE))), late_seconds=0.5)


def create(target, candidate):
    reply = candidate.open()
    told = f"{reply}, {'frozen' if FILE.exists() else 'not frozen'}"
    return (Probe(name="create during", passed=reply.accepted and FILE.exists(), detail=told),)


DRILL = Drill(
    name="queue_frozen",
    title="Queue frozen",
    phase=3,
    scenario="the queue stands still",
    fault=frozen,
    during=create,
    continues=True,
)
'''
_CHOSEN = SMALL + 'drills = ["queue_frozen"]\n'
_HOLDING = _CHOSEN.replace("hold_seconds = 1.5", "hold_seconds = 20")


def _config(platform: Platform, profile: str) -> str:
    state = platform.directory / "platform.json"
    head = f'[env.staging]\nruntime = {{kind = "embedded", state = "{state}"}}\nallow = ["read", "write", "disrupt"]\n'
    return head + profile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The user's tests."""
    (tmp_path / "conftest.py").write_text(_HOOKS)
    (tmp_path / "frozen_queue.py").write_text(_DRILL)
    return tmp_path


def test_it_is_made_judged_and_shown_like_a_built_in_one(started: Start, platform: Platform, folder: Path) -> None:
    run = started("--env", "staging", "-m", "phase3", "-k", "queue_frozen", "-v", config=_config(platform, _CHOSEN))
    assert run.wait() == 0, run.output.read_text()
    record = json.loads((run.directory / "evidence" / "drill_queue_frozen.json").read_text())["record"]
    assert record["fault_gone"]
    assert [probe["name"] for probe in record["probes"] if probe["passed"]] == [
        *("create during", "begin before", "answer before", "resume after", "submit after")
    ]
    assert not (folder / "frozen").exists()
    assert "test_queue_frozen_no_request_crashes" in run.output.read_text()
    assert "Queue frozen" in (run.directory / "report.md").read_text()
    assert "the queue stands still" in (run.directory / "report.html").read_text()


def test_its_fault_is_taken_out_when_pytest_is_killed(started: Start, platform: Platform, folder: Path) -> None:
    run = started("--env", "staging", "-k", "queue_frozen", config=_config(platform, _HOLDING))
    run.wait_for("fault in: queue frozen")
    wait_until((folder / "frozen").exists)
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait(20)
    wait_until(lambda: not (folder / "frozen").exists())
    journal = run.directory / "faults.jsonl"
    wait_until(lambda: json.loads(journal.read_text().splitlines()[-1]).get("by") == "watchdog: pytest is gone")
