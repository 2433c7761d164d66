"""What failed before the fault as often is not the fault's; one failure alone is no rate."""

import pytest

from pytest_examday.drills.baseline import Failures, no_worse_than_before, too_few_requests_for_a_rate


@pytest.mark.parametrize(
    ("before", "now", "known"),
    [
        (Failures(0, 200), Failures(1, 50), False),
        (Failures(1, 50), Failures(1, 50), True),
        (Failures(2, 60), Failures(5, 80), True),
        (Failures(1, 50), Failures(12, 50), False),
        (Failures(3, 100), Failures(0, 50), True),
    ],
)
def test_failures_are_known_where_they_came_as_often_before(before: Failures, now: Failures, known: bool) -> None:
    assert no_worse_than_before(before, now) is known


@pytest.mark.parametrize(("failed", "judged", "few"), [(1, 71, True), (2, 71, False), (1, 100, False), (0, 5, True)])
def test_one_failure_alone_among_few_requests_is_no_rate(failed: int, judged: int, few: bool) -> None:
    assert too_few_requests_for_a_rate(Failures(failed, judged), 0.01) is few
