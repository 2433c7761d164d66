"""The watchdog takes the fault out when whoever put it in is gone, however and whenever that happened."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.journal import Journal
from pytest_examday.faults.watchdog_orders import Orders
from pytest_examday.faults.watchdog_process import running_watchdog
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform
from tests.faults.holder import MOMENTS
from tests.faults.journal_lines import intended
from tests.faults.killing import Killing
from tests.waiting import wait_until

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
Hold = Callable[..., Killing]


@pytest.fixture
def hold(fake: FakePlatform, tmp_path: Path) -> Iterator[Hold]:
    """Starts a process that holds a fault on the fake platform."""
    started: list[Killing] = []

    def start(*arguments: object) -> Killing:
        started.append(Killing(fake.state, tmp_path / "run", *arguments))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: str(number.name))
@pytest.mark.parametrize("moment", MOMENTS)
def test_whatever_ends_the_holder_at_any_moment_no_fault_is_left(
    fake: FakePlatform, hold: Hold, moment: str, number: signal.Signals
) -> None:
    holder = hold("--moment", moment, "--signal", int(number))
    assert holder.process.wait(60) == -number
    wait_until(holder.over)
    assert all(fake.running.values())


def test_a_fault_that_comes_after_its_process_died_does_not_stay(fake: FakePlatform, hold: Hold) -> None:
    fake.slow_stop = 1.0
    holder = hold("--moment", "asked", "--late", 2.5)
    wait_until(holder.over)
    assert all(fake.running.values())
    assert fake.asked.count("start redis") > 1


def test_a_holder_that_hangs_keeps_its_fault_no_longer_than_its_lease(fake: FakePlatform, hold: Hold) -> None:
    holder = hold("--hold", 600, "--lease", 2)
    holder.wait_until_held()
    holder.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: not holder.journal.read().open_faults)
    (entry,) = {entry.id for entry in holder.journal.read().entries}
    assert holder.journal.read().ended_by(entry) == "watchdog: the lease ran out"
    assert fake.running["redis"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_holder_that_sleeps_through_its_lease_leaves_nothing_when_it_wakes_up(
    fake: FakePlatform, hold: Hold, moment: str
) -> None:
    holder = hold("--moment", moment, "--signal", int(signal.SIGSTOP), "--lease", 1, "--late", 0.5)
    wait_until(lambda: psutil.Process(holder.process.pid).status() == psutil.STATUS_STOPPED)
    wait_until(lambda: not holder.watchdogs())
    asleep = len(fake.asked)
    holder.process.send_signal(signal.SIGCONT)
    wait_until(holder.over)
    assert all(fake.running.values())
    if moment in ("watched", "intended"):
        assert "stop redis" not in fake.asked[asleep:], "nobody would have watched over it"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_the_watchdog_is_not_ended_by_the_terminal(fake: FakePlatform, hold: Hold, number: signal.Signals) -> None:
    holder = hold("--hold", 600)
    holder.wait_until_held()
    (watchdog,) = holder.watchdogs()
    watchdog.send_signal(number)
    time.sleep(0.6)
    assert watchdog.is_running()
    assert not fake.running["redis"], "it had no reason to act"
    holder.process.kill()
    wait_until(holder.over)
    assert fake.running["redis"]


def test_a_watchdog_that_is_told_to_end_takes_the_fault_out_first(fake: FakePlatform, hold: Hold) -> None:
    holder = hold("--hold", 3)
    holder.wait_until_held()
    (watchdog,) = holder.watchdogs()
    (fault,) = holder.journal.read().open_faults
    watchdog.terminate()
    wait_until(lambda: holder.journal.read().ended_by(fault.id) is not None)
    assert holder.journal.read().ended_by(fault.id) == "watchdog: it was told to end"
    assert fake.running["redis"]


def test_a_child_that_holds_the_pipe_open_does_not_hide_the_death_of_its_parent(
    fake: FakePlatform, tmp_path: Path
) -> None:
    """A test of the user's may fork; the child has the pipe too."""
    program = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from tests.faults.holder import target_of\n"
        "from pytest_examday.faults.fault import service_down\n"
        "from pytest_examday.faults.fault_in_place import fault_in_place\n"
        "target = target_of(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "with fault_in_place(target, service_down(target, 'Redis stopped', 'redis', abruptly=True), 60):\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(90)\n"
        "        os._exit(0)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", program, str(fake.state), str(tmp_path / "run")]
    assert subprocess.run(command, cwd=root, check=False).returncode == -9
    assert not fake.running["redis"]
    wait_until(lambda: fake.running["redis"])


def test_a_watchdog_without_orders_does_nothing(fake: FakePlatform) -> None:
    command = [sys.executable, "-m", "pytest_examday.faults.watchdog"]
    for orders in (b"", b'{"half": ', b'{"not": "orders"}\n'):
        ended = subprocess.run(command, input=orders, capture_output=True, check=False)
        assert (ended.returncode, ended.stdout, ended.stderr) == (2, b"", b"")
    assert fake.asked == []


def test_a_fault_that_was_never_written_down_was_never_put_in(target: Target, fake: FakePlatform) -> None:
    orders = Orders.of(target.environment, str(target.files.directory), intended(target), 30)
    with running_watchdog(orders, target.files.logs / "watchdog.log") as watchdog:
        pass
    wait_until(lambda: not watchdog.alive)
    assert fake.asked == []


def test_what_a_watchdog_does_is_told_by_its_orders_and_not_by_the_journal(
    target: Target, fake: FakePlatform, journal: Journal
) -> None:
    ordered = intended(target)
    journal.note(intended(target, service="postgres"))
    orders = Orders.of(target.environment, str(target.files.directory), ordered, 30)
    with running_watchdog(orders, target.files.logs / "watchdog.log") as watchdog:
        pass
    wait_until(lambda: not watchdog.alive)
    assert set(fake.asked) == {"start redis"}


def test_a_watchdog_that_could_not_undo_says_so_before_any_fault(target: Target, journal: Journal) -> None:
    broken = intended(target, service="nobody")
    orders = Orders.of(target.environment, str(target.files.directory), broken, 30)
    reason = "the fault was not put in, because its watchdog could not undo it: unknown service 'nobody'"
    with pytest.raises(Unmeasurable, match=reason), running_watchdog(orders, target.files.logs / "watchdog.log"):
        pytest.fail("it was let through")
