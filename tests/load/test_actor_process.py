"""The load process takes the faster event loop if there is one."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

import pytest
import uvloop

from pytest_examday.load.actor_process import run_actors
from pytest_examday.suites.exam.load.candidates_process import candidates
from pytest_examday.suites.exam.load.exam_plan import ExamPlan


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which event loops were asked to run the load."""
    loops: list[str] = []

    def note(name: str, main: Coroutine[Any, Any, int]) -> int:
        main.close()
        loops.append(name)
        return 0

    monkeypatch.setattr(uvloop, "run", lambda main: note("uvloop", main))
    monkeypatch.setattr(asyncio, "run", lambda main: note("asyncio", main))
    return loops


def test_candidates_live_on_uvloop(ran: list[str]) -> None:
    assert run_actors(ExamPlan, candidates) == 0
    assert ran == ["uvloop"]


def test_without_uvloop_they_live_on_asyncio(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run_actors(ExamPlan, candidates) == 0
    assert ran == ["asyncio"]
