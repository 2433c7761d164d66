"""While a fault is in: probes go on, harm ends it at once, and it may come and go."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from pytest_examday.drills.drill import Drill, Flaps
from pytest_examday.drills.harm import Limits
from pytest_examday.drills.holding import Holding, holding
from pytest_examday.drills.running import hold_fault
from pytest_examday.evidence.phases import Probe
from pytest_examday.faults.fault import held, service_down
from pytest_examday.load.samples import Sample
from pytest_examday.target.target import Target
from tests.drills.fake_platform import FakePlatform

LIMITS = Limits(error_rate=0.5, harmed=1, wait_seconds=30, health_failures=2, outage=False)
OUTAGE = replace(LIMITS, outage=True)
PROBE = Probe(name="retry", passed=True, detail="HTTP 200")


class _Working:
    """Candidates, as far as a drill looks at them."""

    activity = "redis_outage"

    def __init__(self) -> None:
        self.sent: list[Sample] = []

    def follow(self) -> Callable[[], Iterator[Sample]]:
        def new() -> Iterator[Sample]:
            while self.sent:
                yield self.sent.pop(0)

        return new

    def fail(self, number: int) -> None:
        now = time.time()
        self.sent += [Sample("answer", f"c{n}", now, 5.0, 500, "server_error", "ed-1") for n in range(number)]


@pytest.fixture
def load() -> Any:
    """Nobody has sent anything yet."""
    return _Working()


def _drill(**fields: Any) -> Drill:
    return Drill(
        "redis_outage", "Redis stopped", lambda target: service_down(target, "x", "redis", abruptly=False), **fields
    )


def test_it_lasts_as_long_as_the_profile_says(target: Target, load: Any) -> None:
    began = time.monotonic()
    with holding(target, load, OUTAGE) as holder:
        holder.hold(0.6, time.time(), lambda: (PROBE,))
    assert time.monotonic() - began >= 0.6
    assert (holder.stopped, holder.probes()) == (None, (PROBE,))


def test_it_lasts_as_long_as_what_is_tried_meanwhile(target: Target, load: Any) -> None:
    def slowly() -> tuple[Probe, ...]:
        time.sleep(0.5)
        return (PROBE,)

    began = time.monotonic()
    with holding(target, load, OUTAGE) as holder:
        holder.hold(0.0, time.time(), slowly)
        assert time.monotonic() - began >= 0.5


def test_harm_takes_the_fault_out_at_once_though_a_probe_hangs(fake: FakePlatform, target: Target, load: Any) -> None:
    enough = threading.Event()

    def hangs() -> tuple[Probe, ...]:
        load.fail(30)
        enough.wait(120)
        return (PROBE,)

    def _held(holder: Holding) -> None:
        with held(target, service_down(target, "Redis stopped", "redis", abruptly=False), 20) as state:
            holder.hold(60, state.injected, hangs)
        assert fake.running["redis"]
        assert state.removed - state.injected < 60
        enough.set()

    with holding(target, load, LIMITS) as holder:
        _held(holder)
    assert holder.stopped == "30 of 30 requests failed, limit 50%"
    assert holder.probes() == (PROBE,)


def test_a_probe_that_crashes_is_told_after_the_fault_is_out(target: Target, load: Any) -> None:
    def crashes() -> tuple[Probe, ...]:
        raise RuntimeError("out of ideas")

    with holding(target, load, OUTAGE) as holder:
        holder.hold(0.1, time.time(), crashes)
    with pytest.raises(RuntimeError, match="out of ideas"):
        holder.probes()


def test_a_platform_whose_health_is_gone_is_left_alone(target: Target, load: Any) -> None:
    with holding(target, load, LIMITS) as holder:
        holder.hold(60, time.time(), None)
    assert holder.stopped == "the health endpoint failed 2 times in a row"


def test_a_fault_may_come_and_go(fake: FakePlatform, target: Target, load: Any) -> None:
    drill = _drill(flaps=Flaps(0.1, 0.1), hold_seconds=1.5)
    with holding(target, load, OUTAGE) as holder:
        state = hold_fault(target, drill, drill.fault(target), None, holder)  # type: ignore[arg-type] # nothing is tried
    assert fake.running["redis"]
    assert fake.asked.count("stop redis") > 1
    assert fake.asked[-1] == "start redis"
    assert state.removed - state.injected > 0.2


def test_a_fault_that_comes_and_goes_does_so_twice_however_short_the_time(
    fake: FakePlatform, target: Target, load: Any
) -> None:
    drill = _drill(flaps=Flaps(0.1, 0.1), hold_seconds=0.0)
    with holding(target, load, OUTAGE) as holder:
        hold_fault(target, drill, drill.fault(target), None, holder)  # type: ignore[arg-type] # nothing is tried
    assert fake.asked == ["stop redis", "start redis"] * 2


def test_a_fault_that_did_not_go_is_not_put_in_once_more(fake: FakePlatform, target: Target, load: Any) -> None:
    drill = _drill(flaps=Flaps(0.1, 0.1), hold_seconds=5.0)
    fault = replace(drill.fault(target), inject=lambda: _break(fake, target))
    with holding(target, load, OUTAGE) as holder:
        state = hold_fault(target, drill, fault, None, holder)  # type: ignore[arg-type] # nothing is tried
    assert fake.asked.count("stop redis") == 1
    assert state.remains is not None


def _break(fake: FakePlatform, target: Target) -> None:
    target.runtime.stop("redis")
    fake.refuses = "out of memory"
