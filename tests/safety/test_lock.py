"""One rehearsal at a time on one platform; the lock says whose it is, and a dead owner's is taken over."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_examday.errors import UsageProblem
from pytest_examday.safety.lock import LOCK_FILE, Lock, holder
from pytest_examday.safety.owner import Owner


def _me(**fields: object) -> Owner:
    return Owner.of(os.getpid(), "staging", "/etc/examday.toml").model_copy(update=fields)


def _dead() -> Owner:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner.of(process.pid, "staging")
    process.communicate()
    return owner


def _refusal(folder: Path) -> str:
    with pytest.raises(UsageProblem) as problem:
        Lock.take(folder, _me())
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_a_second_rehearsal_is_refused_and_told_whose_the_first_is(tmp_path: Path) -> None:
    lock = Lock.take(tmp_path, _me(since=time.time() - 130))
    lock.note_directory(Path("/runs/20260115T180000Z-staging"))
    said = _refusal(tmp_path)
    assert said.startswith(f"a rehearsal of this platform is under way: {lock._owner.user}@{lock._owner.host}, pid ")
    assert f"pid {os.getpid()}, since 20" in said
    assert " UTC (2 minutes), run directory /runs/20260115T180000Z-staging; wait for its end or end it" in said


def test_a_lock_that_was_given_back_is_free(tmp_path: Path) -> None:
    Lock.take(tmp_path, _me()).release()
    assert not (tmp_path / LOCK_FILE).exists()
    assert Lock.take(tmp_path, _me()).note is None


def test_the_lock_of_a_dead_process_is_taken_over_with_a_line(tmp_path: Path) -> None:
    dead = _dead()
    (tmp_path / LOCK_FILE).write_text(dead.model_dump_json())
    lock = Lock.take(tmp_path, _me())
    assert lock.note == f"took over the lock of a rehearsal that is dead ({dead})"
    assert holder(tmp_path) is not None


def test_a_later_process_under_the_same_number_is_not_the_owner(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text(_me(started=_me().started - 3600).model_dump_json())
    assert Lock.take(tmp_path, _me()).note is not None


def test_the_lock_of_another_host_is_refused_with_its_age_and_how_to_remove_it(tmp_path: Path) -> None:
    other = _me(host="another-host", since=time.time() - 7300)
    (tmp_path / LOCK_FILE).write_text(other.model_dump_json())
    said = _refusal(tmp_path)
    assert said.startswith(
        f"a rehearsal of this platform is under way on another host: {other.user}@another-host, pid "
    )
    assert said.endswith(
        f"(2 hours); it cannot be seen from here whether it still runs; if it is over, remove {tmp_path / LOCK_FILE}"
    )
    (tmp_path / LOCK_FILE).unlink()
    assert Lock.take(tmp_path, _me()).note is None


@pytest.mark.parametrize("content", ["", "{", '{"pid": 3}', "\x00"])
def test_a_damaged_lock_is_not_guessed_at(tmp_path: Path, content: str) -> None:
    (tmp_path / LOCK_FILE).write_text(content)
    said = _refusal(tmp_path)
    assert said == (
        f"{tmp_path / LOCK_FILE}: damaged, so nobody can tell whether a rehearsal is under way; "
        f"if it is over, remove {tmp_path / LOCK_FILE}"
    )


def test_giving_back_leaves_what_is_somebody_elses_by_now(tmp_path: Path) -> None:
    lock = Lock.take(tmp_path, _me())
    (tmp_path / LOCK_FILE).write_text(_me(host="another-host").model_dump_json())
    lock.release()
    assert (tmp_path / LOCK_FILE).exists()


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("a file where a folder is wanted")
    said = _refusal(tmp_path / "in-the-way")
    assert said.startswith(f"{tmp_path / 'in-the-way'}: cannot hold the lock and the fault journal of this platform: ")
    assert said.endswith("set EXAMDAY_STATE_DIR to a folder that can be written")


def test_of_many_that_come_at_once_one_gets_it(tmp_path: Path) -> None:
    program = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from pytest_examday.errors import UsageProblem\n"
        "from pytest_examday.safety.lock import Lock\n"
        "from pytest_examday.safety.owner import Owner\n"
        "print('ready', flush=True)\n"
        "input()\n"
        "try:\n"
        "    Lock.take(Path(sys.argv[1]), Owner.of(os.getpid(), 'staging'))\n"
        "    print('mine', flush=True)\n"
        "    input()\n"
        "except UsageProblem:\n"
        "    print('refused', flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    pipe = subprocess.PIPE
    rivals = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) for _ in range(4)]
    assert [rival.stdout.readline() for rival in rivals if rival.stdout] == ["ready\n"] * 4
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("\n")
    said = sorted(rival.stdout.readline().strip() for rival in rivals if rival.stdout)
    for rival in rivals:
        rival.communicate("\n")
    assert said == ["mine", "refused", "refused", "refused"]
