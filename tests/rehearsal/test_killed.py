"""Whole runs on a platform that outlives them: killed in the middle of a drill, they leave no fault and no lock."""

import json
import os
import signal
from collections.abc import Callable

import psutil
import pytest

from pytest_examday.__main__ import main
from pytest_examday.safety.lock import LOCK_FILE
from pytest_examday.safety.owner import Owner, user
from tests.platform.platform_harness import Platform
from tests.rehearsal.conftest import TINY, Started
from tests.waiting import wait_until

Start = Callable[..., Started]
_STEADY = TINY.replace("steady_seconds = 1.5", "steady_seconds = 0.5")
_QUICK = _STEADY.replace("settle_seconds = 1.5", "settle_seconds = 0.5")
_HOLDING = _QUICK.replace("hold_seconds = 2", "hold_seconds = 200")


def _config(platform: Platform, drill: str = _QUICK) -> str:
    state = platform.directory / "platform.json"
    head = f'[env.staging]\nruntime = {{kind = "embedded", state = "{state}"}}\nallow = ["read", "write", "disrupt"]\n'
    return head + drill


def _redis_runs(platform: Platform) -> bool:
    return platform.control.status()["services"]["redis"] is not None


def _ends(run: Started) -> list[tuple[str, str]]:
    lines = (run.directory / "faults.jsonl").read_text().splitlines()
    return [(entry["event"], entry.get("by", "")) for entry in map(json.loads, lines)]


def _ready(platform: Platform) -> bool:
    return bool(platform.client().get("/v1/ready").json()["status"] == "ready")


@pytest.mark.parametrize(
    ("number", "ends", "by"),
    [(signal.SIGKILL, -signal.SIGKILL, "watchdog: pytest is gone"), (signal.SIGTERM, 128 + signal.SIGTERM, "drill")],
    ids=["SIGKILL", "SIGTERM"],
)
def test_pytest_killed_while_a_fault_is_in(
    started: Start, platform: Platform, number: signal.Signals, ends: int, by: str
) -> None:
    run = started("--env", "staging", "-m", "phase3", config=_config(platform, _HOLDING))
    run.wait_for("fault in: Redis stopped")
    wait_until(lambda: _ends(run)[-1][0] == "in")
    assert not _redis_runs(platform)
    os.kill(run.process.pid, number)
    assert run.process.wait(60) == ends
    wait_until(lambda: _redis_runs(platform))
    wait_until(lambda: _ready(platform))
    wait_until(lambda: _ends(run)[-1] == ("out", by))


def test_an_xdist_worker_killed_while_its_fault_is_in(started: Start, platform: Platform) -> None:
    """The controller goes on: the fault is out before its next drill begins, and the evidence is none."""
    run = started("--env", "staging", "-m", "phase3", "-n", "1", config=_config(platform))
    run.wait_for("fault in: Redis stopped")
    wait_until(lambda: _ends(run)[-1][0] == "in")
    assert not _redis_runs(platform)
    children = psutil.Process(run.process.pid).children()
    (worker,) = [child for child in children if "exec(eval(" in " ".join(child.cmdline())]
    worker.kill()
    wait_until(lambda: _redis_runs(platform))
    assert run.wait() == 1, run.output.read_text()
    outage = json.loads((run.directory / "evidence" / "drill_redis_outage.json").read_text())
    assert outage["record"] is None
    assert "died" in outage["unmeasured"]
    loss = json.loads((run.directory / "evidence" / "drill_worker_loss.json").read_text())
    assert loss["record"] is not None, loss["unmeasured"]
    ends = [by for event, by in _ends(run) if event == "out"]
    assert ends == ["watchdog: pytest is gone", "drill", "drill"], "of Redis, of a worker, and of PostgreSQL"
    assert _ready(platform)


def test_a_drill_whose_fault_is_healed_by_hand_has_measured_nothing(started: Start, platform: Platform) -> None:
    config = _config(platform, _QUICK.replace("hold_seconds = 2", "hold_seconds = 12"))
    run = started("--env", "staging", "-m", "phase3", config=config)
    run.wait_for("fault in: Redis stopped")
    wait_until(lambda: _ends(run)[-1][0] == "in")
    assert main(["heal", str(run.directory)]) == 0
    assert _redis_runs(platform)
    run.wait_for("drill_redis_outage: NOT MEASURED")
    evidence = json.loads((run.directory / "evidence" / "drill_redis_outage.json").read_text())
    assert evidence["unmeasured"] == f"the fault was taken out before the drill did it, by heal, run by {user()}"


def test_a_second_rehearsal_is_refused_until_the_first_is_over(
    started: Start, platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = _locks()
    first = started("--env", "staging", "-m", "phase3", "-n", "1", config=_config(platform, _HOLDING))
    first.wait_for("fault in: Redis stopped")
    second = Started(tmp_path_factory.mktemp("second"), "--env", "staging", "-m", "phase1", config=_config(platform))
    assert second.wait() == 4
    said = second.output.read_text()
    assert f"pid {first.process.pid}, since " in said
    assert f"run directory {first.directory}; wait for its end or end it" in said
    assert not (second.folder / "rehearsals").exists()
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    # The candidates of the first one write for a moment longer, so what protected operations changed cannot be told.
    chosen = ("-m", "phase1", "-k", "exam_mode_is_on")
    third = Started(tmp_path_factory.mktemp("third"), "--env", "staging", *chosen, config=_config(platform))
    assert third.wait() == 0, third.output.read_text()
    assert f"took over the lock of a rehearsal that is dead ({_user_at_host()}, pid {first.process.pid}, " in (
        third.output.read_text()
    )
    # On a busy machine the watchdog of the first one may still be at work, and holds the lock meanwhile.
    wait_until(lambda: _locks() <= before)


def _user_at_host() -> str:
    owner = Owner.of(os.getpid(), "staging")
    return f"{owner.user}@{owner.host}"


def _locks() -> set[str]:
    return {entry.path for entry in _states() if entry.name == LOCK_FILE}


def _states() -> list["os.DirEntry[str]"]:
    folders = [entry for entry in os.scandir(os.environ["EXAMDAY_STATE_DIR"]) if entry.is_dir()]
    return [entry for folder in folders for entry in os.scandir(folder.path)]
