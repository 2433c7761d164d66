"""Fixtures of every folder whose tests put faults in: a platform to disturb, and the journal of its faults."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_examday.faults.journal import Journal
from pytest_examday.faults.leftovers import journal_of
from pytest_examday.safety.state_directory import VARIABLE
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform
from tests.faults.watchdogs import watchdogs


@pytest.fixture(autouse=True)
def own_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds what another one left in."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "states"))


@pytest.fixture(autouse=True)
def no_watchdog_left() -> Iterator[None]:
    """A watchdog that stays with its fault, as it should, ends with its test."""
    yield
    for watchdog in watchdogs():
        watchdog.kill()
        watchdog.wait()


@pytest.fixture
def fake() -> Iterator[FakePlatform]:
    """A platform that is only a control socket, whose path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="examday-fake-", dir="/tmp"))
    platform = FakePlatform(folder)
    yield platform
    platform.end()
    shutil.rmtree(folder)


@pytest.fixture
def target(fake: FakePlatform) -> Target:
    """A run attached to it."""
    return fake.target()


@pytest.fixture
def journal(target: Target) -> Journal:
    """The journal of its faults."""
    return journal_of(target)
