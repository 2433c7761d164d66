"""Candidates of these tests retry at once, on each event loop that they may live in."""

import asyncio

import pytest
import uvloop

from pytest_examday.load import attempts
from tests.load.asking_server import Run


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off in hundredths of a second."""
    monkeypatch.setattr(attempts, "_BACK_OFF_SECONDS", (0.01, 0.02))


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine on each event loop that candidates may live in."""
    runner: Run = request.param
    return runner
