"""While one rehearsal of a platform is under way, another is refused; what touches nothing is not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.safety.lock import LOCK_FILE, Lock
from pytest_examday.safety.owner import Owner
from pytest_examday.safety.state_directory import VARIABLE, state_directory_of
from tests.plugin.conftest import Rehearse
from tests.report.samples import write_run

FILES = {
    "examday.toml": "[env.staging]\napi_url = 'http://127.0.0.1:9'\n[env.quick]\napi_url = 'http://127.0.0.1:9/v1'\n"
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the platform's lock lies."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "states"))
    return state_directory_of(Environment.model_validate({"name": "staging", "api_url": "http://127.0.0.1:9"}))


@pytest.fixture
def under_way(folder: Path) -> Iterator[Lock]:
    """A rehearsal that this process is busy with."""
    lock = Lock.take(folder, Owner.of(os.getpid(), "staging"))
    yield lock
    lock.release()


@pytest.mark.parametrize("name", ["staging", "quick"])
def test_a_second_rehearsal_is_refused_whatever_it_calls_the_platform(
    rehearse: Rehearse, under_way: Lock, name: str
) -> None:
    run = rehearse("--env", name, "-m", "phase1", files=FILES, env=None)
    assert run.exit_status == 4, run.output
    assert f"a rehearsal of this platform is under way: {under_way._owner.user}@" in run.output
    assert not (run.folder / "rehearsals").exists()


def test_judging_earlier_evidence_needs_no_lock(rehearse: Rehearse, under_way: Lock, tmp_path: Path) -> None:
    earlier = write_run(tmp_path / "earlier", environment="staging")
    run = rehearse("--env", "staging", "--examday-evidence", str(earlier), "-m", "gates", files=FILES, env=None)
    assert run.exit_status == 0, run.output


def test_only_collecting_needs_no_lock(rehearse: Rehearse, under_way: Lock) -> None:
    run = rehearse("--env", "staging", "-m", "phase1", "--collect-only", files=FILES, env=None)
    assert run.exit_status == 0, run.output


@pytest.mark.parametrize("workers", ["0", "1"])
def test_the_lock_is_given_back_at_the_end(rehearse: Rehearse, folder: Path, workers: str) -> None:
    run = rehearse("--env", "staging", "-m", "phase1", "-n", workers, files=FILES, env=None)
    assert run.exit_status == 1, run.output
    assert "under way" not in run.output, "the workers of a run are no rehearsals of their own"
    assert not (folder / LOCK_FILE).exists()


def test_the_lock_is_given_back_where_the_run_directory_is_refused(rehearse: Rehearse, folder: Path) -> None:
    files = {**FILES, "occupied": "a file where a directory is wanted"}
    run = rehearse("--env", "staging", "--examday-dir", "occupied/run", files=files, env=None)
    assert run.exit_status == 4
    assert not (folder / LOCK_FILE).exists()


def test_the_lock_of_a_dead_rehearsal_is_taken_over_with_a_line(rehearse: Rehearse, folder: Path) -> None:
    owner = Owner.of(os.getpid(), "staging").model_copy(update={"started": 1.0})
    folder.mkdir(parents=True)
    (folder / LOCK_FILE).write_text(owner.model_dump_json())
    run = rehearse("--env", "staging", "-m", "phase1", files=FILES, env=None)
    assert f"examday: took over the lock of a rehearsal that is dead ({owner.user}@{owner.host}, pid " in run.output
