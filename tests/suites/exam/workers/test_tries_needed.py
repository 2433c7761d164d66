"""How many tries reach every worker."""

import random

import pytest

from pytest_examday.suites.exam.workers.tries_needed import tries_for, tries_for_all


@pytest.mark.parametrize(("workers", "tries"), [(0, 1), (1, 1), (2, 11), (3, 20), (8, 68), (64, 703)])
def test_the_number_of_tries_grows_with_the_workers(workers: int, tries: int) -> None:
    assert tries_for(workers) == tries


@pytest.mark.parametrize(
    ("known", "tries"), [((), 11), (("w-1",), 11), (("w-1", "w-2"), 11), (("w-1", "w-2", "w-3"), 20)]
)
def test_two_workers_are_reckoned_with_if_fewer_are_known(known: tuple[str, ...], tries: int) -> None:
    assert tries_for_all(known) == tries


@pytest.mark.parametrize("workers", [2, 5, 8])
def test_one_worker_is_left_out_in_one_of_a_thousand_at_most(workers: int) -> None:
    chance = random.Random(workers)  # no secret
    complete = sum(len(set(chance.choices(range(workers), k=tries_for(workers)))) == workers for _ in range(3000))
    assert complete >= 3000 * 0.998
