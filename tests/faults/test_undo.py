"""An undo is data: a name out of a closed set and plain arguments, carried out by any process, as often as it likes."""

from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.undo import (
    ACTIONS,
    StartService,
    Undelay,
    Undo,
    Unpause,
    undoing,
)
from pytest_examday.runtimes.base import Runtime
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform


def _again(undo: Undo) -> Undo:
    """As a fresh process reads it."""
    return Undo.model_validate_json(undo.model_dump_json())


def test_a_service_that_is_down_is_started_and_read_back(fake: FakePlatform, target: Target) -> None:
    fake.running["redis"] = False
    action = _again(Undo.of(StartService(service="redis"))).resolve()
    assert action.remains(target.runtime) == "not running: redis"
    action.carry_out(target.runtime)
    assert action.remains(target.runtime) is None


def test_undoing_twice_changes_nothing_more(fake: FakePlatform, target: Target) -> None:
    action = StartService(service="redis")
    action.carry_out(target.runtime)
    action.carry_out(target.runtime)
    assert all(fake.running.values())


def test_a_service_that_stands_for_several_is_back_when_all_of_them_run(fake: FakePlatform, target: Target) -> None:
    action = StartService(service="backend", parts=("worker-1", "worker-2"))
    fake.running.update({"worker-1": False, "worker-2": False})
    assert action.remains(target.runtime) == "not running: worker-1, worker-2"
    action.carry_out(target.runtime)
    assert action.remains(target.runtime) is None


def test_a_start_that_only_claims_to_have_worked_is_seen(fake: FakePlatform, target: Target) -> None:
    fake.running["redis"] = False
    fake.pretends = True
    action = StartService(service="redis")
    action.carry_out(target.runtime)
    assert action.remains(target.runtime) == "not running: redis"


class _DisturbedRuntime:
    """A part of a runtime whose services are paused, or delayed."""

    def __init__(self) -> None:
        self.disturbed = {"redis"}

    def unpause(self, service: str) -> None:
        self.disturbed.discard(service)

    def paused(self, service: str) -> bool:
        return service in self.disturbed

    undelay, delayed = unpause, paused


@pytest.mark.parametrize(
    ("undo", "remains"),
    [
        (Undo.of(Unpause(service="redis")), "paused: redis"),
        (Undo.of(Undelay(service="redis")), "delayed: redis"),
    ],
)
def test_a_pause_and_a_delay_are_taken_out_and_read_back(undo: Undo, remains: str) -> None:
    runtime: Any = _DisturbedRuntime()
    action = _again(undo).resolve()
    assert action.remains(runtime) == remains
    action.carry_out(runtime)
    action.carry_out(runtime)
    assert action.remains(runtime) is None


def test_an_unknown_undo_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(Unmeasurable, match=f"unknown undo 'explode'; valid: {', '.join(sorted(ACTIONS))}"):
        Undo(action="explode", arguments={}).resolve()


@pytest.mark.parametrize("arguments", [{}, {"service": 3}, {"service": "redis", "force": True}])
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(Unmeasurable, match="malformed undo 'start': "):
        Undo(action="start", arguments=arguments).resolve()


def test_a_new_kind_of_fault_adds_its_undo_to_the_set(monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    monkeypatch.setattr("pytest_examday.faults.undo.ACTIONS", dict(ACTIONS))

    @undoing("thaw")
    class Thaw:
        def __init__(self, service: str) -> None:
            self._service = service

        def carry_out(self, runtime: Runtime) -> None:
            runtime.start(self._service)

        def remains(self, runtime: Runtime) -> str | None:
            return None

        def by_hand(self) -> str:
            return f"thaw {self._service}"

    assert _again(Undo(action="thaw", arguments={"service": "redis"})).resolve().by_hand() == "thaw redis"
