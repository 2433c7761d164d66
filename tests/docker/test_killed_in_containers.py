"""pytest killed with -9 in the middle of drills on containers: what it left in comes out, by its watchdog or by hand.

Three rehearsals disturb one platform, each with a state folder of its own, so that the one stack serves for all.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pytest_examday.config.runtimes import DockerSettings
from pytest_examday.runtimes.docker import DockerRuntime
from pytest_examday.safety.state_directory import VARIABLE
from tests.docker.stack import Stack
from tests.rehearsal.conftest import SMALL, Started, nothing_left
from tests.waiting import wait_until

HELD = {
    "drill_redis_outage": ("redis_outage_no_lost", "fault in: Redis stopped"),
    "slow_database": ("slow_database_no_lost", "fault in: database delayed"),
    "worker_pause": ("worker_pause_no_lost", "fault in: worker paused"),
}
"""The drills in the order in which they begin, the one test of each that is run, and what its fault is called."""
_LONG = SMALL.replace("hold_seconds = 1.5", "hold_seconds = 60")
_PATIENT = "[env.staging.thresholds]\ndrill_wait_seconds = 120\n"
"""Nobody is harmed, and no worker let go on, before a slow machine has come to the killing."""
_BY_WATCHDOG = ("out", "watchdog: pytest is gone")


class Killed:
    """Three rehearsals, killed; `seconds` is how long each fault stayed in after that, by its drill."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.runtime = DockerRuntime(DockerSettings(kind="docker", project=stack.project), "staging")
        self.runs: dict[str, Started] = {}
        self.seconds: dict[str, float] = {}
        self._folder = folder

    def hold(self) -> None:
        """Until all three faults are in. A worker stands still only when the others need no answers any more."""
        for drill in ("drill_redis_outage", "slow_database"):
            self._start(drill)
        for drill in ("drill_redis_outage", "slow_database"):
            self._await_fault(drill)
        self._start("worker_pause")
        self._await_fault("worker_pause")

    def is_in(self, drill: str) -> bool:
        """Whether the fault of the drill can be seen in the containers."""
        looks: dict[str, Callable[[], bool]] = {
            "drill_redis_outage": lambda: not self.runtime.running("redis"),
            "slow_database": lambda: self.runtime.delayed("postgres"),
            "worker_pause": lambda: self.runtime.paused("backend-3"),
        }
        return looks[drill]()

    def kill(self) -> None:
        """SIGKILL to each pytest, and before it to the watchdog of one; wait until the other watchdogs have acted."""
        (watchdog,) = _watchdogs(self.runs["drill_redis_outage"].process.pid)
        watchdog.kill()
        began = time.monotonic()
        for run in self.runs.values():
            os.kill(run.process.pid, signal.SIGKILL)
            run.process.wait(60)
        for drill in ("worker_pause", "slow_database"):
            wait_until(lambda drill=drill: not self.is_in(drill))  # type: ignore[misc]
            self.seconds[drill] = time.monotonic() - began

    def heal(self) -> "subprocess.CompletedProcess[str]":
        """By hand, from the run directory alone: the configuration is gone."""
        run = self.runs["drill_redis_outage"]
        (run.folder / "examday.toml").unlink()
        command = [sys.executable, "-m", "pytest_examday", "heal", str(run.directory)]
        variables = {**os.environ, VARIABLE: str(run.folder / "state")}
        began = time.monotonic()
        healed = subprocess.run(
            command, cwd=run.folder, env=variables, capture_output=True, text=True, timeout=120, check=False
        )
        self.seconds["drill_redis_outage"] = time.monotonic() - began
        return healed

    def ends(self, drill: str) -> list[tuple[str, str]]:
        """What the journal of the run says became of the fault, and by whom."""
        lines = (self.runs[drill].directory / "faults.jsonl").read_text().splitlines()
        return [(entry["event"], entry.get("by", "")) for entry in map(json.loads, lines)]

    def end(self) -> None:
        """Leave nothing, however it went."""
        for run in self.runs.values():
            run.kill()
        for service in ("redis", "postgres", "backend"):
            self.runtime.unpause(service)
            self.runtime.undelay(service)
            self.runtime.start(service)

    def _start(self, drill: str) -> None:
        folder = self._folder / drill
        folder.mkdir()
        chosen = "" if drill == "drill_redis_outage" else f'drills = ["{drill}"]\nslow_database_ms = 60\n'
        config = self.stack.configuration() + _PATIENT + _LONG + chosen
        arguments = ["--env", "staging", "-m", "phase3", "-k", HELD[drill][0]]
        self.runs[drill] = Started(folder, *arguments, config=config, variables={VARIABLE: str(folder / "state")})

    def _await_fault(self, drill: str) -> None:
        self.runs[drill].wait_for(HELD[drill][1])
        wait_until(lambda: self.ends(drill)[-1][0] == "in")


def _watchdogs(pid: int) -> list[psutil.Process]:
    children = psutil.Process(pid).children()
    return [child for child in children if "pytest_examday.faults.watchdog" in child.cmdline()]


def test_a_killed_pytest_leaves_no_fault_in_containers(stack: Stack, tmp_path: Path, subtests: pytest.Subtests) -> None:
    killed = Killed(stack, tmp_path)
    try:
        killed.hold()
        assert [killed.is_in(drill) for drill in HELD] == [True, True, True]
        killed.kill()
        for drill in ("worker_pause", "slow_database"):
            with subtests.test("its watchdog takes out what it left", drill=drill):
                wait_until(lambda drill=drill: killed.ends(drill)[-1] == _BY_WATCHDOG)  # type: ignore[misc]
        with subtests.test("heal takes out what is left when the watchdog is killed too"):
            assert killed.is_in("drill_redis_outage"), "nobody lives who would start it"
            _expect_healed(killed, killed.heal())
        with subtests.test("the platform is well and no process is left"):
            stack.await_ready()
            assert nothing_left(*(run.folder for run in killed.runs.values()))
        print("seconds until a fault was out", killed.seconds)
    finally:
        killed.end()


def _expect_healed(killed: Killed, healed: "subprocess.CompletedProcess[str]") -> None:
    assert (healed.returncode, healed.stderr) == (0, "")
    assert healed.stdout.startswith("Redis stopped (redis), put in by ")
    assert healed.stdout.endswith(": taken out, redis is back\n")
    assert not killed.is_in("drill_redis_outage")
    (end,) = [by for event, by in killed.ends("drill_redis_outage") if event == "out"]
    assert end.startswith("heal, run by ")
