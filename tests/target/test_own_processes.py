"""Which processes of this machine belong to a run and its embedded platform."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.target.own_processes import own_processes
from pytest_examday.target.target import Target
from tests.activities.fakes import make_target

_WAITS = "import sys; sys.stdin.read()"


@pytest.fixture
def platform() -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like an embedded platform."""
    command = [sys.executable, "-c", _WAITS, "-m", "pytest_examday.platform"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process
        process.communicate()


def _target(folder: Path, supervisor: int) -> Target:
    plain = make_target(folder / "run")
    account = {"email": "c{n}@exam.example", "password": "secret"}
    state = {
        **dict.fromkeys(("api_url", "database_url", "redis_url"), "http://127.0.0.1:1"),
        "log_files": [],
        "control": "c",
        "supervisor_pid": supervisor,
        "workers": {},
        "pool": {},
        "admin": account,
        "candidates": {**account, "count": 1},
    }
    path = folder / "platform.json"
    path.write_text(json.dumps(state))
    runtime = EmbeddedSettings(kind="embedded", state=path)
    return replace(plain, environment=plain.environment.model_copy(update={"runtime": runtime}))


def test_the_run_this_process_and_the_platform_are_ours(tmp_path: Path, platform: subprocess.Popen[bytes]) -> None:
    target = _target(tmp_path, platform.pid)
    assert own_processes(target) == (target.watch_pid, os.getpid(), platform.pid)


def test_a_platform_whose_processes_are_not_here_is_not_watched(tmp_path: Path) -> None:
    assert own_processes(_target(tmp_path, os.getpid())) is None, "another process has its number"
    assert own_processes(_target(tmp_path, 2**22 + 1)) is None


def test_a_platform_of_the_users_own_is_not_watched(tmp_path: Path) -> None:
    assert own_processes(make_target(tmp_path)) is None
