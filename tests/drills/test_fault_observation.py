"""A fault is looked at for as long as it is in; one that goes by itself ends the hold, and what was seen is kept."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pytest_examday.drills import fault_observation
from pytest_examday.drills.fault_observation import FaultObservation, FaultObserver, observers_of
from pytest_examday.drills.harm_limits import Limits
from pytest_examday.drills.watched_hold import watched_hold
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import READ_BACK, FaultReading
from pytest_examday.faults.fault import done_at_once, service_down
from pytest_examday.faults.held_fault import fault_held
from pytest_examday.faults.sense import Felt, Silence
from pytest_examday.target.target import Target
from tests.drills.fake_workload import FakeActors, FakeWorkload
from tests.faults.fake_platform import FakePlatform
from tests.waiting import wait_until

OUTAGE = Limits(error_rate=0.5, harmed=1, wait_seconds=30, health_failures=99, outage=True)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for looks."""
    with ThreadPoolExecutor(2) as threads:
        yield threads


def _hold(target: Target, seconds: float, *senses: Silence) -> tuple[float, str | None, list[FaultReading]]:
    """Stop Redis for so long; how long it was held, how it had gone by itself, and what was seen."""
    fault = replace(service_down(target, "Redis stopped", "redis", abruptly=False), senses=senses)
    for sense in senses:
        sense.prepare()
    workload = FakeWorkload(FakeActors(at_once=0))
    with watched_hold(target.run.progress, workload, OUTAGE, observers_of(fault, target.runtime)) as hold:
        with fault_held(target, fault, 30) as state:
            hold.hold(seconds, state.injected, None)
        return state.removal_began - state.injected, hold.gone, hold.readings


def test_a_fault_is_read_back_and_felt_though_it_is_held_for_no_time(fake: FakePlatform, target: Target) -> None:
    sense = Silence("redis_url", lambda: (fake.running["redis"], "asked"))
    _, gone, readings = _hold(target, 0.0, sense)
    assert gone is None
    assert {(one.by, one.there, one.detail) for one in readings} == {
        (READ_BACK, True, "not running: redis"),
        ("redis_url", True, "asked"),
    }


def test_a_service_that_a_healer_brings_back_ends_the_hold(fake: FakePlatform, target: Target) -> None:
    def heal() -> None:
        wait_until(lambda: not fake.running["redis"])
        fake.running["redis"] = True

    healer = threading.Thread(target=heal)
    healer.start()
    seconds, gone, readings = _hold(target, 60.0)
    healer.join()
    assert seconds < 10
    assert gone is not None
    assert gone.startswith("redis was back ")
    assert [one.there for one in readings][-1] is False


def test_a_store_that_goes_on_replying_is_told(target: Target) -> None:
    _, gone, readings = _hold(target, 0.0, Silence("redis_url", lambda: (True, "PONG")))
    assert gone is None
    assert ("redis_url", False, "still replied: PONG") in {(one.by, one.there, one.detail) for one in readings}


def test_a_look_without_a_reply_feels_the_fault_by_its_silence(pool: ThreadPoolExecutor) -> None:
    enough = threading.Event()

    def hangs() -> Felt:
        enough.wait(20)
        return Felt(False, "too late")

    watch = FaultObservation((FaultObserver("database_url", hangs, lambda: 0.1),), pool, time.monotonic())
    watch.look()
    wait_until(lambda: watch.looked)
    (reading,) = watch.readings()
    enough.set()
    assert reading.there is True
    assert reading.detail.startswith("no reply for ")


def test_nothing_counts_as_looked_at_before_the_first_look(pool: ThreadPoolExecutor) -> None:
    watch = FaultObservation(
        (FaultObserver("redis_url", lambda: Felt(True, "refused"), lambda: 1.0),), pool, time.monotonic()
    )
    assert not watch.looked


def test_a_look_that_cannot_be_made_is_told_and_shows_nothing(pool: ThreadPoolExecutor) -> None:
    def blind() -> Felt:
        raise Unmeasurable("the engine does not answer")

    watch = FaultObservation((FaultObserver(READ_BACK, blind, lambda: None),), pool, time.monotonic())
    watch.look()
    wait_until(lambda: watch.look() or watch.looked)  # type: ignore[func-returns-value] # looked at again and again
    (reading, *_) = watch.readings()
    assert (reading.there, reading.detail, watch.gone) == (None, "the engine does not answer", None)


def test_a_fault_that_is_over_at_once_is_not_read_back(target: Target) -> None:
    fault = done_at_once("Redis emptied", "redis", lambda: None)
    assert observers_of(fault, target.runtime) == ()


@pytest.mark.parametrize(("shows", "there"), [(0.2, True), (None, None)], ids=["silence shows it", "tells nothing"])
def test_a_look_that_hangs_shows_the_fault_only_where_its_silence_does(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor, shows: float | None, there: bool | None
) -> None:
    monkeypatch.setattr(fault_observation, "_LONGEST_FIRST_LOOK_SECONDS", 0.3)
    ended = threading.Event()

    def hangs() -> Felt:
        ended.wait(30)
        return Felt(True, "at last")

    watch = FaultObservation((FaultObserver("redis_url", hangs, lambda: shows),), pool, time.monotonic())
    watch.look()
    wait_until(lambda: watch.looked, 10)
    (reading,) = watch.readings()
    ended.set()
    assert (reading.there, reading.detail.split(" for ")[0]) == (there, "no reply")
