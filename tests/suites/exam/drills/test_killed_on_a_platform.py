"""On a real platform that outlives its rehearsals: whatever is killed, it has recovered after the lease at the latest.

One kill for each kind of undo, and what `tests/rehearsal/test_killed.py` leaves; `python -m benchmarks.kill_drills` is
the same at length, for every drill, victim and signal.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_examday.faults.leftovers import take_out_leftovers
from pytest_examday.suites.exam.lines.drill_lines import lines_of
from tests.faults.holder import target_of
from tests.faults.killing import Killing
from tests.faults.platform_health import what_is_wrong
from tests.platform.platform_harness import Platform
from tests.rehearsal.conftest import Started, loads_of
from tests.suites.exam.drills.drill_holder import BY_NAME
from tests.waiting import wait_until

LEASE, LATE, HOLD = 3.0, 1.5, 0.6
_dice = random.Random(20260115)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_DRILLS = ("backend_restart", "system_restart", "worker_pause", "slow_database", "redis_emptied")
"""One for each kind of undo."""
DEATHS = [
    (drill, _SIGNALS[number % len(_SIGNALS)], round(_dice.uniform(0.0, 1.4), 2)) for number, drill in enumerate(_DRILLS)
]
"""The drill, the signal, and the seconds after the first line of the journal: until after its fault was taken out."""
_RUN = """
[env.staging]
runtime = {{kind = "embedded", state = "{state}"}}
allow = ["read", "write", "disrupt"]
thresholds = {{recovery_seconds = 4}}

[profile.smoke.drill]
candidates = 3
steady_seconds = 0.5
hold_seconds = 2
settle_seconds = 0.5
drills = ["{drill}"]
habits = {{think_seconds = [0.1, 0.3]}}
"""

Hold = Callable[..., Killing]
Run = Callable[..., Started]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that outlives all of the kills."""
    running = Platform(tmp_path_factory.mktemp("killed"), "--links")
    yield running
    running.end()


@pytest.fixture
def state(platform: Platform) -> Path:
    """Its state file."""
    return platform.directory / "platform.json"


@pytest.fixture
def hold(state: Path, tmp_path: Path) -> Iterator[Hold]:
    """Starts a process that holds a fault on the platform."""
    started: list[Killing] = []

    def start(*arguments: object, drill: str | None = None) -> Killing:
        times = ("--lease", LEASE, "--late", LATE, "--hold", HOLD)
        program = "tests.faults.holder" if drill is None else "tests.suites.exam.drills.drill_holder"
        of_drill = () if drill is None else ("--drill", drill)
        started.append(Killing(state, tmp_path / "run", *times, *of_drill, *arguments, program=program))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def run(state: Path, tmp_path: Path) -> Iterator[Run]:
    """Starts a run of pytest with one drill, and returns when its fault is in."""
    started: list[Started] = []

    def start(drill: str, *arguments: str) -> Started:
        chosen = ("--env", "staging", "-k", lines_of(BY_NAME[drill])[0].test, *arguments)
        started.append(Started(tmp_path, *chosen, config=_RUN.format(state=state, drill=drill)))
        started[-1].wait_for("fault in: ")
        return started[-1]

    yield start
    for one in started:
        one.kill()


def _well(state: Path) -> bool:
    return what_is_wrong(state) is None


def _ends(run: Started) -> list[tuple[str, str]]:
    entries = map(json.loads, (run.directory / "faults.jsonl").read_text().splitlines())
    return [(entry["event"], entry["by"]) for entry in entries if entry["event"] in ("out", "remains")]


@pytest.mark.parametrize(("drill", "number", "after"), DEATHS)
def test_no_fault_outlives_its_killed_holder(
    state: Path, hold: Hold, drill: str, number: signal.Signals, after: float
) -> None:
    holder = hold(drill=drill)
    wait_until(lambda: holder.journal.read().entries)
    time.sleep(after)
    holder.process.send_signal(number)
    wait_until(holder.over)
    wait_until(lambda: _well(state))


def test_a_drill_whose_load_is_killed_takes_its_fault_out_and_has_measured_nothing(state: Path, run: Run) -> None:
    killed = run("link_flapping")
    (load,) = loads_of(killed.directory)
    load.kill()
    assert killed.wait() == 1, killed.output.read_text()
    evidence = json.loads((killed.directory / "evidence" / "drill_link_flapping.json").read_text())
    assert evidence["record"] is None
    assert evidence["unmeasured"].startswith("the load process ended with exit status -9 before its candidates did")
    assert {by for _, by in _ends(killed)} == {"drill"}
    assert what_is_wrong(state) is None


def test_a_holder_that_hangs_loses_its_fault_with_its_lease(state: Path, hold: Hold) -> None:
    holder = hold("--hold", 2, drill="pool_exhausted")
    holder.wait_until_held()
    holder.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: not holder.journal.read().open_faults)
    wait_until(lambda: _well(state))


def _kill_both(hold: Hold) -> Killing:
    """What the end of a container does: nobody is left to take the fault out."""
    holder = hold("--hold", 60)
    holder.wait_until_held()
    holder.process.send_signal(signal.SIGSTOP)
    for watchdog in holder.watchdogs():
        watchdog.kill()
    holder.process.kill()
    holder.process.wait()
    assert len(holder.journal.read().open_faults) == 1
    return holder


def test_the_next_run_takes_out_what_nobody_was_left_to(state: Path, hold: Hold, tmp_path: Path) -> None:
    holder = _kill_both(hold)
    assert what_is_wrong(state) == "not running: redis"
    take_out_leftovers(target_of(state, tmp_path / "next"), "the next run")
    assert holder.over()
    wait_until(lambda: _well(state))


def test_a_person_heals_what_nobody_was_left_to(state: Path, hold: Hold) -> None:
    holder = _kill_both(hold)
    command = [sys.executable, "-m", "pytest_examday", "heal"]
    healed = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert "redis away (redis), put in by " in healed.stdout
    assert ": taken out, redis is back" in healed.stdout
    assert holder.over()
    wait_until(lambda: _well(state))
