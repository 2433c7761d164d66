"""No command of the configuration writes or lasts without end, and none outlives the process that started it."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import shell
from pytest_examday.runtimes.shell import printing, run
from tests.waiting import wait_until

KEY = "env.x.candidates.command"
LEAVES_SLEEP = "sleep 300 & echo $!"


def _refusal(command: str, seconds: float = 60) -> str:
    with pytest.raises(Unmeasurable) as refused:
        run(command, KEY, seconds)
    return str(refused.value)


def _pid_of(output: str) -> int:
    return int(output.strip())


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that is reached soon."""
    monkeypatch.setattr(shell, "MOST_BYTES", 1024 * 1024)


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize(
    "command", ["yes a,b", "cat /dev/zero", "yes >&2", "yes | cat", "yes & sleep 300", "head -c 2000000 /dev/zero"]
)
def test_a_command_that_writes_too_much_is_ended_and_named(command: str) -> None:
    assert _refusal(command) == f"{KEY} wrote more than 1 MiB, and was ended"


def test_a_log_that_does_not_end_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "_MOST_PRINTED_BYTES", 1024 * 1024)
    with (
        pytest.raises(Unmeasurable, match=r"env.x.log_command wrote more than 1 MiB"),
        printing("yes", "env.x.log_command", 60),
    ):
        pytest.fail("it is not read")


def test_no_command_fills_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=200_000))
    line = f"{KEY} wrote more than half of what was free in {tempfile.gettempdir()}, and was ended"
    assert _refusal("yes") == line


def test_a_command_that_takes_too_long_is_ended_and_named() -> None:
    assert _refusal("sleep 300 | cat", seconds=0.1) == f"{KEY} was not done within 0.1 s"


def test_what_a_command_leaves_behind_ends_with_it() -> None:
    pid = _pid_of(run(LEAVES_SLEEP, KEY, 60).output)
    wait_until(lambda: not _is_alive(pid))


def test_a_command_may_start_a_service() -> None:
    pid = _pid_of(run(LEAVES_SLEEP, KEY, 60, may_leave=True).output)
    assert _is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_command_ends_when_the_process_that_waits_for_it_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    command = f"sleep 300 & echo $! > {note}.new; mv {note}.new {note}; sleep 300 | cat"
    program = f"from pytest_examday.runtimes.shell import run; run({command!r}, 'key', 300)"
    with subprocess.Popen([sys.executable, "-c", program]) as waiting:
        wait_until(note.exists)
        pid = _pid_of(note.read_text())
        assert _is_alive(pid)
        waiting.kill()
    wait_until(lambda: not _is_alive(pid))


def test_a_command_does_not_find_its_own_text_in_the_list_of_processes() -> None:
    """`exec pgrep -f NAME` is a usual `status`."""
    assert run("exec pgrep -f examday-no-such-service", KEY, 60).exit_status == 1


def test_a_command_reads_nothing_and_finds_no_variable_of_ours() -> None:
    assert run("cat; echo ${EXAMDAY_COMMAND-unset}; ls /proc/self/fd | wc -l", KEY, 60).output == "unset\n4\n"
