"""A folder with credentials goes, however the process ends that made it."""

import subprocess
import sys
from pathlib import Path

from pytest_examday.vanishing_folder import remove_now, vanish_after
from tests.waiting import wait_until

_PROGRAM = """
import os, subprocess, sys, time
from pathlib import Path
from pytest_examday.vanishing_folder import vanish_after
user = subprocess.Popen(["sleep", sys.argv[2]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
vanish_after(Path(sys.argv[1]), [user.pid])
print("made", flush=True)
time.sleep(60)
"""


def test_it_goes_when_its_process_was_killed_and_nobody_uses_it_any_more(tmp_path: Path) -> None:
    folder = tmp_path / "a folder; with $(odd) 'name'"
    folder.mkdir()
    (folder / "credentials").write_text("hunter2")
    command = [sys.executable, "-c", _PROGRAM, str(folder), "1.5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"made\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert folder.exists(), "it is still used"
    wait_until(lambda: not folder.exists())


def test_it_can_be_removed_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    vanish_after(folder)
    remove_now(folder)
    assert not folder.exists()
    remove_now(folder)


def test_a_process_that_ends_leaves_it_to_its_watchdog_without_a_warning(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    program = _PROGRAM.replace("time.sleep(60)", "user.returncode = 0")
    command = [sys.executable, "-W", "default", "-c", program, str(folder), "0.5"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert ended.stderr == ""
    wait_until(lambda: not folder.exists())
