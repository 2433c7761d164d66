"""On a real platform that outlives its rehearsals: whatever is killed, it is healthy after at most the lease."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_examday.drills.leftovers import take_out_leftovers
from tests.drills.holder import site_of
from tests.drills.killing import Killing
from tests.platform.platform_harness import Platform, wait_until

LEASE = 6.0
LATE = 1.5
_dice = random.Random(20260115)
DEATHS = [
    (service, _dice.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL]), round(_dice.uniform(0.6, 2.6), 2))
    for service in ("redis", "worker-2", "backend")
    for _ in range(3)
]
"""What is taken away, the signal, and the seconds after the start of the holder: from before its journal line until
after its fault was taken out."""

Hold = Callable[..., Killing]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Stays up through all of the deaths."""
    running = Platform(tmp_path_factory.mktemp("killed"))
    yield running
    running.end()


@pytest.fixture
def hold(platform: Platform, tmp_path: Path) -> Iterator[Hold]:
    """Starts a process that holds a fault on the platform."""
    started: list[Killing] = []

    def start(*arguments: object) -> Killing:
        state = platform.directory / "platform.json"
        started.append(Killing(state, tmp_path / "run", "--lease", LEASE, "--late", LATE, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.end()


def healthy(platform: Platform) -> bool:
    """Every service runs, and every worker says that it is ready."""
    status = platform.control.status()
    if None in {**status["services"], **status["workers"]}.values():
        return False
    answers = [platform.client().get("/v1/ready").json() for _ in range(6)]
    return {a["status"] for a in answers} == {"ready"} and {a["worker"] for a in answers} <= set(status["workers"])


@pytest.mark.parametrize(("service", "number", "after"), DEATHS)
def test_no_fault_outlives_the_death_of_its_holder(
    platform: Platform, hold: Hold, service: str, number: signal.Signals, after: float
) -> None:
    holder = hold("--service", service, "--hold", 0.8)
    time.sleep(after)
    holder.process.send_signal(number)
    wait_until(holder.over, LEASE + 10)
    wait_until(lambda: healthy(platform))


def test_a_holder_that_hangs_loses_its_fault_with_its_lease(platform: Platform, hold: Hold) -> None:
    holder = hold("--hold", 60)
    holder.wait_until_held()
    holder.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: not holder.journal.read().open, LEASE + 3)
    wait_until(lambda: healthy(platform))


def _kill_both(hold: Hold) -> Killing:
    """What the end of a container does: nobody is left to take the fault out."""
    holder = hold("--hold", 60)
    holder.wait_until_held()
    holder.process.send_signal(signal.SIGSTOP)
    for watchdog in holder.watchdogs():
        watchdog.kill()
    holder.process.kill()
    holder.process.wait()
    assert len(holder.journal.read().open) == 1
    return holder


def test_the_next_run_takes_out_what_nobody_was_left_to(platform: Platform, hold: Hold, tmp_path: Path) -> None:
    holder = _kill_both(hold)
    assert platform.control.status()["services"]["redis"] is None
    take_out_leftovers(site_of(platform.directory / "platform.json", tmp_path / "next"), "the next run")
    assert holder.over()
    wait_until(lambda: healthy(platform))


def test_a_person_heals_what_nobody_was_left_to(platform: Platform, hold: Hold) -> None:
    holder = _kill_both(hold)
    command = [sys.executable, "-m", "pytest_examday", "heal"]
    healed = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert "redis away (redis), put in by " in healed.stdout
    assert ": taken out, redis is back" in healed.stdout
    assert holder.over()
    wait_until(lambda: healthy(platform))
