"""Recovery: from the end of the fault until everything answers several times in a row, each thing by itself."""

import re
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.drills.recovery import failures_before_fault, measure_recovery
from pytest_examday.drills.watched_services import cache, database, reachable
from pytest_examday.drills.workload import OperationReply
from pytest_examday.errors import Unmeasurable
from tests.drills.fake_workload import FakeWorkload

LIMIT = 0.9


def _seconds(workload: FakeWorkload, *, stores: bool = False) -> dict[str, float | None]:
    watched = workload.stores() if stores else ()
    return {
        one.name: one.seconds
        for one in measure_recovery(workload, watched, workload.workers(), time.monotonic(), LIMIT)
    }


def _missing(times: dict[str, float | None]) -> list[str]:
    return [name for name, seconds in times.items() if seconds is None]


def test_every_operation_store_and_worker_has_a_time_of_its_own() -> None:
    times = _seconds(FakeWorkload(), stores=True)
    assert list(times) == ["first", "second", "database", "cache", "worker-1"]
    assert all(time is not None and time < LIMIT for time in times.values())


def test_what_does_not_recover_is_watched_until_the_limit() -> None:
    workload = FakeWorkload(refused=("second",))
    found = measure_recovery(workload, (), workload.workers(), time.monotonic(), LIMIT)
    assert [one.name for one in found if one.seconds is None] == ["second"]
    assert all(one.watched_seconds is not None and one.watched_seconds >= LIMIT for one in found)


def test_an_operation_that_goes_on_failing_has_not_recovered() -> None:
    assert _missing(_seconds(FakeWorkload(refused=("second",)))) == ["second"]


def test_a_worker_that_answers_only_with_failures_has_not_returned() -> None:
    assert _missing(_seconds(FakeWorkload(refused=("first",)))) == ["first", "worker-1"]


def test_a_worker_still_wedged_is_seen_though_others_answer() -> None:
    assert _missing(_seconds(FakeWorkload(workers=("worker-1", "worker-2")))) == ["worker-2"]


def test_a_store_that_stays_away_is_seen_though_the_api_answers() -> None:
    assert _missing(_seconds(FakeWorkload(down=("cache",)), stores=True)) == ["cache"]


def test_one_good_answer_between_bad_ones_is_no_recovery() -> None:
    class Flickering(FakeWorkload):
        asked = 0

        def try_operations(self) -> Iterator[OperationReply]:
            self.asked += 1
            self.refused = ("second",) if self.asked % 3 == 0 else ()
            return super().try_operations()

    workload = Flickering()
    found = measure_recovery(workload, (), workload.workers(), time.monotonic(), LIMIT)
    (second,) = (one for one in found if one.seconds is None)
    assert second.name == "second"
    assert re.fullmatch(r"HTTP 503 \(\d of \d tries\)", second.detail), "the bad answers, and not the last one"


@pytest.mark.parametrize("slow", [True, False])
def test_whether_the_last_bad_answer_was_only_too_late_is_noted(slow: bool) -> None:
    class Slow(FakeWorkload):
        def try_operations(self) -> Iterator[OperationReply]:
            yield OperationReply("first", True, "HTTP 200", worker="worker-1")
            yield OperationReply("second", False, "no reply in time" if slow else "HTTP 409", too_slow=slow)

    workload = Slow()
    found = measure_recovery(workload, (), workload.workers(), time.monotonic(), LIMIT)
    (second,) = (one for one in found if one.seconds is None)
    assert (second.too_slow, second.last_failure) == (slow, "no reply in time" if slow else "HTTP 409")
    assert failures_before_fault(workload) == {"second": second.last_failure}


def test_only_stores_that_answered_before_the_fault_are_watched() -> None:
    def unset() -> Any:
        raise Unmeasurable("env.staging.redis_url is not set")

    connections = SimpleNamespace(database=unset, cache=unset)
    target: Any = SimpleNamespace(connections=connections, files=SimpleNamespace(redactor=SimpleNamespace(clean=str)))
    assert reachable((database(target), cache(target))) == ()
    assert database(target).ask() == (False, "env.staging.redis_url is not set")
    assert [store.name for store in reachable(FakeWorkload(down=("cache",)).stores())] == ["database"]
