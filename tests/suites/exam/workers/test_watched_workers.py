"""Which workers a drill watches, by names in answers or at their own addresses, and what it says of the others."""

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.operation import Operation
from pytest_examday.drills.workload import Workers
from pytest_examday.suites.exam.drills.worker_sense import WorkerAway
from pytest_examday.suites.exam.workers import watched_workers as module
from pytest_examday.suites.exam.workers.watched_workers import watched_workers


def _target(known: tuple[str, ...], *answering: str | None) -> Any:
    """A platform whose runtime knows these workers, and whose answers name those, one after the other."""
    answers = iter(range(10**6))

    def call(operation: Operation, **asked: object) -> Any:
        return SimpleNamespace(worker=answering[next(answers) % len(answering)], find=lambda name: None)

    runtime = SimpleNamespace(workers=lambda: known, address=lambda worker: None)
    environment = SimpleNamespace(platform=PlatformDescription())
    return SimpleNamespace(runtime=runtime, api=SimpleNamespace(call=call), environment=environment)


def test_workers_that_answers_name_are_watched() -> None:
    assert watched_workers(_target(("api-1", "api-2"), "api-2", "api-1")) == Workers(("api-1", "api-2"))


def test_names_that_differ_are_a_mistake_with_both_lists_and_no_failed_recovery() -> None:
    found = watched_workers(_target(("api-1", "api-2"), "pod-a", "pod-b"))
    assert found.named == ()
    assert found.name_mistake == (
        "the names of workers differ, a mistake in the configuration: the runtime knows api-1, api-2, and replies name "
        "pod-a, pod-b"
    )


def test_nameless_workers_are_said_to_be_unwatched() -> None:
    found = watched_workers(_target(("api-1",), None))
    assert found == Workers(why_unwatched="api-1 could not be watched: replies name no worker")


def test_nameless_workers_are_watched_at_their_own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "asking_worker", lambda target, worker: lambda: (True, "HTTP 200"))
    found = watched_workers(_target(("api-1", "api-2"), None))
    assert [store.name for store in found.by_address] == ["api-1", "api-2"]
    assert (found.why_unwatched, found.name_mistake) == (None, None)


def test_a_worker_that_always_shares_its_address_with_another_is_unwatched() -> None:
    found = watched_workers(_target(("api-1", "api-2"), "api-1"))
    assert found.named == ("api-1",)
    assert found.why_unwatched == "api-2 could not be watched: no reply named them and no address of theirs replied"


@pytest.mark.parametrize(
    ("while_in", "there", "seen"),
    [
        (("api-1",), True, "api-1 answered 8 new connections"),
        (("api-1", "api-2"), False, "api-1, api-2 answered 8 new connections"),
    ],
)
def test_a_killed_worker_that_still_answers_is_not_felt(while_in: tuple[str, ...], there: bool, seen: str) -> None:
    sense = WorkerAway(_target(("api-1", "api-2"), "api-1", "api-2"), "api-2")
    sense.prepare()
    sense.target = _target(("api-1", "api-2"), *while_in)
    assert sense.observe() == (there, seen)


def test_a_worker_that_nobody_can_tell_apart_is_not_felt_for_want_of_a_name() -> None:
    sense = WorkerAway(_target(("api-1", "api-2"), None), "api-2")
    sense.prepare()
    assert sense.observe() == (None, "replies name no worker, and the runtime knows no address of it")
