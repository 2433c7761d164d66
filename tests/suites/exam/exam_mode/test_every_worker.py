"""Every worker is read, and every protected operation is tried on every worker, whatever stands in between."""

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation

from .fakes import ACCEPTED, REFUSED, Answer, FakePlatform, frozen, judged, line

EIGHT = tuple(f"worker-{number}" for number in range(1, 9))
SEEDS = range(10)


def _sixth_is_open(platform: FakePlatform, worker: str, protected: str) -> Answer:
    """Every worker refuses, but for one."""
    return ACCEPTED if worker == "worker-6" else REFUSED


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("header", [False, True])
def test_one_of_eight_unprotected_workers_is_named_each_time(seed: int, header: bool) -> None:
    platform = FakePlatform(EIGHT, seed=seed, header=header, protected_answers=_sixth_is_open)
    outcome, reason = judged(platform)
    assert outcome == "fail"
    assert "protected operation rank runs: HTTP 202 by worker-6: not refused by exam mode" in reason
    assert platform.called["worker-6"] == len(platform.protected), (
        "an open protected operation does its work at each call"
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_one_of_eight_unprotected_workers_is_found_behind_a_proxy(
    seed: int,
) -> None:
    platform = FakePlatform(EIGHT, seed=seed, spreads=True, protected_answers=_sixth_is_open)
    outcome, reason = judged(platform)
    assert outcome == "fail"
    assert "protected operation rank runs: HTTP 202: not refused by exam mode" in reason


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("spreads", [False, True])
def test_one_of_eight_workers_with_exam_mode_off_is_found_and_named_each_time(seed: int, spreads: bool) -> None:
    platform = FakePlatform(EIGHT, off=("worker-3",), seed=seed, spreads=spreads)
    found = frozen(platform)
    assert [name for name, on in found.exam_mode_by_worker.items() if not on] == ["worker-3"]
    outcome, reason = judged(FakePlatform(EIGHT, off=("worker-3",), seed=seed, spreads=spreads))
    assert outcome == "fail"
    assert "readings: worker-3" in reason


@pytest.mark.parametrize("platform", [FakePlatform(EIGHT), FakePlatform(EIGHT, header=True)], ids=["kept", "header"])
def test_every_protected_operation_is_tried_on_every_worker(platform: FakePlatform) -> None:
    calls = frozen(platform).protected_calls
    assert [one.workers for one in calls] == [EIGHT] * len(platform.protected)
    assert [one.missed for one in calls] == [()] * len(platform.protected)


def test_behind_a_proxy_the_number_of_calls_stands_for_all_workers() -> None:
    platform = FakePlatform(EIGHT, spreads=True)
    calls = frozen(platform).protected_calls
    assert {one.name: (one.calls, one.workers) for one in calls} == {
        protected.name: (68 * len(protected.operations), ()) for protected in CONTRACT.protected
    }
    assert judged(FakePlatform(EIGHT, spreads=True))[0] == "pass"


def test_a_proxy_that_alternates_between_workers_is_recognised() -> None:
    platform = FakePlatform(spreads=True)
    turns = iter(range(10**6))
    platform._any = lambda: platform.workers[next(turns) % 2]  # type: ignore[method-assign]
    assert {one.workers for one in frozen(platform).protected_calls} == {()}


@pytest.mark.parametrize("names", [True, False])
def test_a_platform_without_names_or_runtime_is_read_often_enough(names: bool) -> None:
    platform = FakePlatform(EIGHT, names=names, known=None if not names else ())
    assert frozen(platform).connections >= 68


def test_a_worker_that_is_never_reached_is_named_and_accused_of_nothing() -> None:
    outcome, reason = judged(FakePlatform(EIGHT, hidden=("worker-8",)))
    assert outcome == "inconclusive"
    assert reason.startswith("worker-8 gave no reading on ")


def test_a_worker_whose_protected_operations_are_never_reached_is_named() -> None:
    outcome, reason = judged(FakePlatform(protected_answers=_leave))
    assert outcome == "inconclusive"
    assert reason.endswith("notification broadcast, bulk question import: not tried on worker-2")


def _leave(platform: FakePlatform, worker: str, protected: str) -> Answer:
    """From now on the first worker alone is reached."""
    platform.hidden = ("worker-2",)
    return REFUSED


def test_other_names_in_runtime_and_readings_are_a_mistake_of_the_configuration() -> None:
    platform = FakePlatform(known=("backend-1", "backend-2"))
    assert judged(platform)[0] == "pass"
    outcome, reason = line(FakePlatform(known=("backend-1", "backend-2")), "workers-have-one-name")
    assert outcome == "inconclusive"
    assert reason == (
        "readings name worker-1, worker-2, which the runtime does not know (it knows backend-1, backend-2): a mistake "
        "in the configuration of runtime or contract"
    )


def test_more_names_in_the_runtime_than_workers_that_answered_are_no_pass() -> None:
    outcome, reason = judged(FakePlatform(known=("backend-1", "backend-2", "backend-3")))
    assert outcome == "inconclusive"
    assert reason.endswith("connections reached 2 workers and the runtime knows 3")


def test_a_protected_operation_that_refuses_only_an_empty_body_is_found() -> None:
    platform = FakePlatform()
    imports = next(one for one in platform.protected if one.bodies)
    taken: list[object] = []
    answered = platform._body

    def answer(operation: Operation, worker: str) -> Answer:
        if operation == imports.operations[1]:
            taken.append(operation.body)
            return ACCEPTED
        return answered(operation, worker)

    platform._body = answer  # type: ignore[method-assign]
    outcome, reason = judged(platform)
    assert outcome == "fail"
    assert reason.startswith("protected operation bulk question import: HTTP 202 by worker-")
    assert taken == [imports.bodies[0]], "it is not called again once it was accepted"
