"""A container that cannot be paused at once is tried again; what else the engine says is told at once."""

from typing import Any

import pytest
from docker.errors import APIError

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import container
from pytest_examday.runtimes.container import for_each, freeze

BUSY = "Cannot pause container 1f: OCI runtime pause failed: unable to freeze: unknown"


class _Engine:
    """A container whose engine says this so many times, and then obeys."""

    def __init__(self, says: str, times: int) -> None:
        self.says = says
        self.times = times
        self.asked = 0

    def pause(self) -> None:
        self.asked += 1
        if self.asked <= self.times:
            raise APIError(self.says)


def _paused(engine: Any) -> None:
    for_each({"backend-3": engine}, freeze)


def test_a_process_that_waits_for_a_disk_is_frozen_later() -> None:
    engine = _Engine(BUSY, times=2)
    _paused(engine)
    assert engine.asked == 3


def test_a_container_that_is_never_frozen_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_FREEZE_SECONDS", 0.2)
    engine = _Engine(BUSY, times=1000)
    with pytest.raises(Unmeasurable, match=r"^backend-3: .*unable to freeze"):
        _paused(engine)
    assert engine.asked > 2


def test_any_other_complaint_is_told_at_once() -> None:
    engine = _Engine("Container 1f is not running", times=1000)
    with pytest.raises(Unmeasurable, match=r"^backend-3: Container 1f is not running$"):
        _paused(engine)
    assert engine.asked == 1
