"""Recovery: from the end of the fault until everything answers several times in a row, each thing by itself."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.contract.reference import CONTRACT
from pytest_examday.drills import recovery
from pytest_examday.drills.recovery import STORES, measure_recovery, reachable_stores
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.redaction import Redactor
from pytest_examday.target.api import Reply

LIMIT = 0.9
Seconds = Callable[..., dict[str, float | None]]


class _Sitting:
    """A prober whose steps all succeed, or who is refused the named ones."""

    questions = ({"id": "q1"},)

    def __init__(self, *refused: str) -> None:
        self.refused = refused

    def __getattr__(self, step: str) -> Callable[[], Reply]:
        return lambda: _reply({"open": "create"}.get(step, step), good=step not in self.refused)


def _reply(operation: str, *, good: bool = True, worker: str = "worker-1") -> Reply:
    found = getattr(CONTRACT, operation)
    status = {"health": "ok", "submit": "SUBMITTED"}.get(operation, "ready")
    body = {"status": status, "worker": worker}
    return Reply(found, found.success[0] if good else 503, body, "ed-1", 1.0)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    """Measures on a platform that answers as told, and gives the recovery times by name."""

    def measure(sitting: Any = None, *, workers: tuple[str, ...] = (), down: Any = (), **more: Any) -> Any:
        monkeypatch.setattr(recovery, "reached", lambda target, store: (store not in down, "asked"))
        prober: Any = _Sitting() if sitting is None else sitting
        runtime = SimpleNamespace(workers=lambda: ("worker-1", *workers))
        api = SimpleNamespace(call=lambda name, **asked: _reply(name))
        target: Any = SimpleNamespace(api=api, runtime=runtime, environment=Environment(name="staging"))
        found = measure_recovery(target, prober, time.time(), LIMIT, **more)
        return {one.name: one.seconds for one in found}

    return measure


def test_every_operation_store_and_worker_has_a_time_of_its_own(seconds: Seconds) -> None:
    times = seconds(stores=STORES)
    assert list(times) == ["health", "ready", "create", "answer", "submit", "database", "cache", "worker-1"]
    assert all(time is not None and time < LIMIT for time in times.values())


def test_an_operation_that_goes_on_failing_has_not_recovered(seconds: Seconds) -> None:
    times = seconds(_Sitting("submit"))
    assert [name for name, time in times.items() if time is None] == ["submit"]


def test_what_needs_a_session_has_not_recovered_where_none_is_created(seconds: Seconds) -> None:
    times = seconds(_Sitting("open"))
    assert [name for name, time in times.items() if time is None] == ["create", "answer", "submit"]


def test_a_worker_still_wedged_is_seen_though_others_answer(seconds: Seconds) -> None:
    times = seconds(workers=("worker-2",))
    assert [name for name, time in times.items() if time is None] == ["worker-2"]


def test_a_store_that_stays_away_is_seen_though_the_api_answers(seconds: Seconds) -> None:
    times = seconds(stores=STORES, down=("cache",))
    assert [name for name, time in times.items() if time is None] == ["cache"]


def test_one_good_answer_between_bad_ones_is_no_recovery(seconds: Seconds) -> None:
    class Flickering(_Sitting):
        asked = 0

        def __getattr__(self, step: str) -> Callable[[], Reply]:
            if step != "submit":
                return super().__getattr__(step)
            self.asked += 1
            return lambda: _reply("submit", good=self.asked % 3 != 0)

    assert seconds(Flickering())["submit"] is None


def test_only_stores_that_answered_before_the_fault_are_watched() -> None:
    def unset() -> Any:
        raise Unmeasurable("env.staging.redis_url is not set")

    target: Any = SimpleNamespace(
        connections=SimpleNamespace(database=unset, cache=unset), run=SimpleNamespace(redactor=Redactor())
    )
    assert reachable_stores(target) == ()
