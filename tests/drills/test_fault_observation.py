"""A fault is looked at for as long as it is in; one that goes by itself ends the hold, and what was seen is kept."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pytest_examday.drills import fault_observation
from pytest_examday.drills.fault_observation import FaultObservation, FaultObserver, observers_of
from pytest_examday.drills.harm_monitor import StopRule
from pytest_examday.drills.platform_watch import platform_watch
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import READ_BACK, FaultReading
from pytest_examday.faults.fault import done_at_once, service_down
from pytest_examday.faults.fault_in_place import fault_in_place
from pytest_examday.faults.sense import Observation, SilenceSense
from pytest_examday.target.target import Target
from tests.drills.fake_workload import FakeActors, FakeWorkload
from tests.faults.fake_platform import FakePlatform
from tests.waiting import wait_until

OUTAGE = StopRule(error_rate=0.5, harmed=1, wait_seconds=30, health_failures=99, outage=True)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for observations."""
    with ThreadPoolExecutor(2) as threads:
        yield threads


def _hold(target: Target, seconds: float, *senses: SilenceSense) -> tuple[float, str | None, list[FaultReading]]:
    """Stop Redis for so long; how long it was held, how it had gone by itself, and what was seen."""
    fault = replace(service_down(target, "Redis stopped", "redis", abruptly=False), senses=senses)
    for sense in senses:
        sense.prepare()
    workload = FakeWorkload(FakeActors(at_once=0))
    with platform_watch(target.files.progress, workload, OUTAGE, observers_of(fault, target.runtime)) as watch:
        with fault_in_place(target, fault, 30) as state:
            watch.wait(seconds, state.injected, None)
        return state.removal_began - state.injected, watch.gone_by_itself, watch.readings


def test_a_fault_that_is_in_for_no_time_is_observed_all_the_same(fake: FakePlatform, target: Target) -> None:
    sense = SilenceSense("redis_url", lambda: (fake.running["redis"], "asked"))
    _, gone, readings = _hold(target, 0.0, sense)
    assert gone is None
    assert {(one.observer, one.present, one.detail) for one in readings} == {
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
    assert [one.present for one in readings][-1] is False


def test_a_store_that_goes_on_replying_is_told(target: Target) -> None:
    _, gone, readings = _hold(target, 0.0, SilenceSense("redis_url", lambda: (True, "PONG")))
    assert gone is None
    assert ("redis_url", False, "still replied: PONG") in {(one.observer, one.present, one.detail) for one in readings}


def test_an_observation_without_a_reply_shows_the_fault(pool: ThreadPoolExecutor) -> None:
    enough = threading.Event()

    def hangs() -> Observation:
        enough.wait(20)
        return Observation(False, "too late")

    watch = FaultObservation((FaultObserver("database_url", hangs, lambda: 0.1),), pool, time.monotonic())
    watch.update()
    wait_until(lambda: watch.complete)
    (reading,) = watch.readings()
    enough.set()
    assert reading.present is True
    assert reading.detail.startswith("no reply for ")


def test_an_observation_is_not_complete_before_the_first_reading(pool: ThreadPoolExecutor) -> None:
    watch = FaultObservation(
        (FaultObserver("redis_url", lambda: Observation(True, "refused"), lambda: 1.0),), pool, time.monotonic()
    )
    assert not watch.complete


def test_an_observation_that_fails_shows_nothing(pool: ThreadPoolExecutor) -> None:
    def blind() -> Observation:
        raise Unmeasurable("the engine does not answer")

    watch = FaultObservation((FaultObserver(READ_BACK, blind, lambda: None),), pool, time.monotonic())
    watch.update()
    wait_until(lambda: watch.update() or watch.complete)  # type: ignore[func-returns-value] # until it is complete
    (reading, *_) = watch.readings()
    assert (reading.present, reading.detail, watch.gone_by_itself) == (None, "the engine does not answer", None)


def test_a_fault_that_is_over_at_once_is_not_read_back(target: Target) -> None:
    fault = done_at_once("Redis emptied", "redis", lambda: None)
    assert observers_of(fault, target.runtime) == ()


@pytest.mark.parametrize(
    ("silence_seconds", "present"), [(0.2, True), (None, None)], ids=["silence shows it", "tells nothing"]
)
def test_an_observation_that_hangs_shows_the_fault_only_if_a_missing_reply_shows_it(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor, silence_seconds: float | None, present: bool | None
) -> None:
    monkeypatch.setattr(fault_observation, "_LONGEST_FIRST_OBSERVATION_SECONDS", 0.3)
    ended = threading.Event()

    def hangs() -> Observation:
        ended.wait(30)
        return Observation(True, "at last")

    watch = FaultObservation((FaultObserver("redis_url", hangs, lambda: silence_seconds),), pool, time.monotonic())
    watch.update()
    wait_until(lambda: watch.complete, 10)
    (reading,) = watch.readings()
    ended.set()
    assert (reading.present, reading.detail.split(" for ")[0]) == (present, "no reply")
