"""Waits end at their deadlines: never early, at most as late as the looks are apart, however many there are."""

import asyncio
import gc
import time
import weakref
from dataclasses import dataclass, field

import pytest
import uvloop

from pytest_examday.load.connection_pool import _shared_of
from pytest_examday.load.deadlines import NEVER, SWEEP_SECONDS, Deadlines
from tests.load.asking_server import Run
from tests.virtual_time import run_in_virtual_time


@pytest.fixture(params=[run_in_virtual_time, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine on each event loop that candidates may live in; on one of them time is exact."""
    runner: Run = request.param
    return runner


@dataclass(eq=False)
class Waiting:
    """Notes when it was expired."""

    deadline: float
    watched: bool = False
    expired: list[float] = field(default_factory=list)

    def expire(self) -> None:
        """Note the moment."""
        self.expired.append(time.perf_counter())


def test_waits_end_in_time_and_never_early(run: Run) -> None:
    async def wait() -> list[Waiting]:
        deadlines, begun = Deadlines(), time.perf_counter()
        waits = [Waiting(begun + 0.4 - number / 100) for number in range(40)]
        for one in waits:
            deadlines.watch(one)
        await asyncio.sleep(0.55)
        return waits

    late = [moment - one.deadline for one in run(wait()) for moment in one.expired]
    assert len(late) == 40
    assert min(late) >= 0
    if run is run_in_virtual_time:
        assert max(late) <= SWEEP_SECONDS


def test_a_wait_that_ended_is_not_expired_and_others_after_a_rest_are(run: Run) -> None:
    async def wait() -> list[int]:
        deadlines = Deadlines()
        ended, later = Waiting(time.perf_counter() + 0.05), Waiting(0.0)
        deadlines.watch(ended)
        ended.deadline = NEVER
        await asyncio.sleep(0.15)
        later.deadline = time.perf_counter() + 0.05
        deadlines.watch(later)
        await asyncio.sleep(0.2)
        return [len(ended.expired), len(later.expired)]

    assert run(wait()) == [0, 1]


def test_one_wait_after_another_is_watched_once_and_not_looked_at_for_ever(run: Run) -> None:
    async def wait() -> tuple[list[bool], int]:
        deadlines, begun = Deadlines(), time.perf_counter()
        wait, watched = Waiting(begun + 10), []
        deadlines.watch(wait)
        for deadline in (begun + 20, NEVER):
            wait.deadline = deadline
            await asyncio.sleep(0.1)
            watched.append(wait.watched)
        wait.deadline = time.perf_counter() + 0.1
        deadlines.watch(wait)
        await asyncio.sleep(0.25)
        return [*watched, wait.watched], len(wait.expired)

    assert run(wait()) == ([True, False, False], 1)


def test_what_an_event_loop_shares_goes_with_it() -> None:
    async def share() -> weakref.ref[asyncio.AbstractEventLoop]:
        loop = asyncio.get_running_loop()
        assert _shared_of(loop) is _shared_of(loop)
        return weakref.ref(loop)

    gone = asyncio.run(share())
    gc.collect()
    assert gone() is None
