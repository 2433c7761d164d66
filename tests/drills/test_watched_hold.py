"""While a fault is in: probes go on, harm ends it at once, and it may come and go."""

import threading
import time
from dataclasses import replace

import pytest

from pytest_examday.drills.drill import Flaps
from pytest_examday.drills.harm_limits import Limits
from pytest_examday.drills.run_drill import hold_fault
from pytest_examday.drills.watched_hold import WatchedHold, watched_hold
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.fault import service_down
from pytest_examday.faults.held_fault import fault_held
from pytest_examday.target.target import Target
from tests.drills.fake_workload import FakeActors, FakeWorkload
from tests.drills.redis_drill import redis_drill
from tests.faults.fake_platform import FakePlatform

LIMITS = Limits(error_rate=0.5, harmed=1, wait_seconds=30, health_failures=2, outage=False)
OUTAGE = replace(LIMITS, outage=True)
PROBE = Probe(name="retry", passed=True, detail="HTTP 200")


@pytest.fixture
def workload() -> FakeWorkload:
    """Nobody has sent anything yet; what is sent fails."""
    return FakeWorkload(FakeActors(lambda: "server_error", at_once=0))


def test_it_lasts_as_long_as_the_profile_says(target: Target, workload: FakeWorkload) -> None:
    began = time.monotonic()
    with watched_hold(target.run.progress, workload, OUTAGE) as hold:
        hold.hold(0.6, time.time(), lambda: (PROBE,))
    assert 0.6 <= time.monotonic() - began < 3
    assert (hold.stopped, hold.probes()) == (None, (PROBE,))


def test_it_lasts_as_long_as_what_is_tried_meanwhile(target: Target, workload: FakeWorkload) -> None:
    def slowly() -> tuple[Probe, ...]:
        time.sleep(0.5)
        return (PROBE,)

    began = time.monotonic()
    with watched_hold(target.run.progress, workload, OUTAGE) as hold:
        hold.hold(0.0, time.time(), slowly)
        assert time.monotonic() - began >= 0.5


def test_harm_takes_the_fault_out_at_once_though_a_probe_hangs(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    enough = threading.Event()

    def hangs() -> tuple[Probe, ...]:
        workload.actors.at_once = 30
        enough.wait(20)
        return (PROBE,)

    def _held(hold: WatchedHold) -> None:
        with fault_held(target, service_down(target, "Redis stopped", "redis", abruptly=False), 20) as state:
            hold.hold(60, state.injected, hangs)
        assert fake.running["redis"]
        assert state.removal_began - state.injected < 5
        enough.set()

    with watched_hold(target.run.progress, workload, LIMITS) as hold:
        _held(hold)
    assert hold.stopped == "30 of 30 requests failed, limit 50%"
    assert hold.probes() == (PROBE,)


def test_a_probe_that_crashes_is_told_after_the_fault_is_out(target: Target, workload: FakeWorkload) -> None:
    def crashes() -> tuple[Probe, ...]:
        raise RuntimeError("out of ideas")

    with watched_hold(target.run.progress, workload, OUTAGE) as hold:
        hold.hold(0.1, time.time(), crashes)
    with pytest.raises(RuntimeError, match="out of ideas"):
        hold.probes()


def test_a_platform_whose_health_is_gone_is_left_alone(target: Target, workload: FakeWorkload) -> None:
    workload.is_healthy = False
    with watched_hold(target.run.progress, workload, LIMITS) as hold:
        hold.hold(60, time.time(), None)
    assert hold.stopped == "the health endpoint failed 2 times in a row"


def test_a_fault_may_come_and_go(fake: FakePlatform, target: Target, workload: FakeWorkload) -> None:
    drill = redis_drill(flaps=Flaps(0.1, 0.1), hold_seconds=1.5)
    with watched_hold(target.run.progress, workload, OUTAGE) as hold:
        state = hold_fault(target, drill, drill.fault(target), None, hold)
    assert fake.running["redis"]
    assert fake.asked.count("stop redis") > 1
    assert fake.asked[-1] == "start redis"
    assert state.removal_began - state.injected > 0.2


def test_a_fault_that_comes_and_goes_does_so_twice_however_short_the_time(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    drill = redis_drill(flaps=Flaps(0.1, 0.1), hold_seconds=0.0)
    with watched_hold(target.run.progress, workload, OUTAGE) as hold:
        hold_fault(target, drill, drill.fault(target), None, hold)
    assert fake.asked == ["stop redis", "start redis"] * 2


def test_a_fault_that_did_not_go_is_not_put_in_once_more(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    drill = redis_drill(flaps=Flaps(0.1, 0.1), hold_seconds=5.0)
    fault = replace(drill.fault(target), inject=lambda: _break(fake, target))
    with watched_hold(target.run.progress, workload, OUTAGE) as hold:
        state = hold_fault(target, drill, fault, None, hold)
    assert fake.asked.count("stop redis") == 1
    assert state.remains is not None


def _break(fake: FakePlatform, target: Target) -> None:
    target.runtime.stop("redis")
    fake.refuses = "out of memory"
