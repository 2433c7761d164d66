"""While a fault is in: probes go on, harm ends it at once, and it may come and go."""

import threading
import time
from dataclasses import replace

import pytest

from pytest_examday.drills.drill import Flaps
from pytest_examday.drills.harm_monitor import StopRule
from pytest_examday.drills.platform_watch import PlatformWatch, platform_watch
from pytest_examday.drills.run_drill import inject_and_wait
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.fault import service_down
from pytest_examday.faults.fault_in_place import fault_in_place
from pytest_examday.target.target import Target
from tests.drills.fake_workload import FakeActors, FakeWorkload
from tests.drills.redis_drill import redis_drill
from tests.faults.fake_platform import FakePlatform

STOP_RULE = StopRule(error_rate=0.5, harmed=1, wait_seconds=30, health_failures=2, outage=False)
OUTAGE = replace(STOP_RULE, outage=True)
PROBE = Probe(name="retry", passed=True, detail="HTTP 200")


@pytest.fixture
def workload() -> FakeWorkload:
    """Nobody has sent anything yet; what is sent fails."""
    return FakeWorkload(FakeActors(lambda: "server_error", at_once=0))


def test_a_fault_is_held_as_long_as_the_profile_says(target: Target, workload: FakeWorkload) -> None:
    began = time.monotonic()
    with platform_watch(target.files.progress, workload, OUTAGE) as watch:
        watch.wait(0.6, time.time(), lambda: (PROBE,))
    assert 0.6 <= time.monotonic() - began < 3
    assert (watch.harm, watch.probes()) == (None, (PROBE,))


def test_a_fault_is_held_until_the_probes_are_made(target: Target, workload: FakeWorkload) -> None:
    def slowly() -> tuple[Probe, ...]:
        time.sleep(0.5)
        return (PROBE,)

    began = time.monotonic()
    with platform_watch(target.files.progress, workload, OUTAGE) as watch:
        watch.wait(0.0, time.time(), slowly)
        assert time.monotonic() - began >= 0.5


def test_harm_takes_the_fault_out_at_once_though_a_probe_hangs(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    enough = threading.Event()

    def hangs() -> tuple[Probe, ...]:
        workload.actors.at_once = 30
        enough.wait(20)
        return (PROBE,)

    def _wait(watch: PlatformWatch) -> None:
        with fault_in_place(target, service_down(target, "Redis stopped", "redis", abruptly=False), 20) as state:
            watch.wait(60, state.injected, hangs)
        assert fake.running["redis"]
        assert state.removal_began - state.injected < 5
        enough.set()

    with platform_watch(target.files.progress, workload, STOP_RULE) as watch:
        _wait(watch)
    assert watch.harm == "30 of 30 requests failed, limit 50%"
    assert watch.probes() == (PROBE,)


def test_a_probe_that_crashes_is_told_after_the_fault_is_out(target: Target, workload: FakeWorkload) -> None:
    def crashes() -> tuple[Probe, ...]:
        raise RuntimeError("out of ideas")

    with platform_watch(target.files.progress, workload, OUTAGE) as watch:
        watch.wait(0.1, time.time(), crashes)
    with pytest.raises(RuntimeError, match="out of ideas"):
        watch.probes()


def test_a_platform_whose_health_is_gone_is_left_alone(target: Target, workload: FakeWorkload) -> None:
    workload.is_healthy = False
    with platform_watch(target.files.progress, workload, STOP_RULE) as watch:
        watch.wait(60, time.time(), None)
    assert watch.harm == "the health endpoint failed 2 times in a row"


def test_a_fault_may_come_and_go(fake: FakePlatform, target: Target, workload: FakeWorkload) -> None:
    drill = redis_drill(flaps=Flaps(0.1, 0.1), hold_seconds=1.5)
    with platform_watch(target.files.progress, workload, OUTAGE) as watch:
        state = inject_and_wait(target, drill, drill.fault(target), None, watch)
    assert fake.running["redis"]
    assert fake.asked.count("stop redis") > 1
    assert fake.asked[-1] == "start redis"
    assert state.removal_began - state.injected > 0.2


def test_a_fault_that_comes_and_goes_does_so_twice_however_short_the_time(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    drill = redis_drill(flaps=Flaps(0.1, 0.1), hold_seconds=0.0)
    with platform_watch(target.files.progress, workload, OUTAGE) as watch:
        inject_and_wait(target, drill, drill.fault(target), None, watch)
    assert fake.asked == ["stop redis", "start redis"] * 2


def test_a_fault_that_did_not_go_is_not_put_in_once_more(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    drill = redis_drill(flaps=Flaps(0.1, 0.1), hold_seconds=5.0)
    fault = replace(drill.fault(target), inject=lambda: _break(fake, target))
    with platform_watch(target.files.progress, workload, OUTAGE) as watch:
        state = inject_and_wait(target, drill, fault, None, watch)
    assert fake.asked.count("stop redis") == 1
    assert state.remains is not None


def _break(fake: FakePlatform, target: Target) -> None:
    target.runtime.stop("redis")
    fake.refuses = "out of memory"
