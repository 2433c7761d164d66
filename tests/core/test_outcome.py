"""Which of several outcomes is the worst."""

from itertools import permutations

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.core.outcome import Outcome, outcome_of, worst, worst_result


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((), "inconclusive"),
        (("pass", "pass"), "pass"),
        (("pass", "inconclusive"), "inconclusive"),
        (("pass", "inconclusive", "fail"), "fail"),
    ],
)
def test_the_worst_outcome_is_a_failure_then_what_was_not_measured_then_a_pass(
    outcomes: tuple[Outcome, ...], expected: Outcome
) -> None:
    assert {worst(ordered) for ordered in permutations(outcomes)} == {expected}


@pytest.mark.parametrize(
    ("failures", "doubts", "expected"),
    [((), (), "pass"), ((), ("?",), "inconclusive"), (("!",), (), "fail"), (("!",), ("?",), "fail")],
)
def test_a_failure_outweighs_a_doubt_and_a_doubt_is_no_pass(
    failures: tuple[str, ...], doubts: tuple[str, ...], expected: Outcome
) -> None:
    assert outcome_of(failures, doubts) == expected


def test_of_equally_bad_results_the_first_is_told() -> None:
    passed = GateResult(name="gate", outcome="pass", reason="fine")
    first, second = (GateResult(name="gate", outcome="fail", reason=reason) for reason in ("first", "second"))
    assert worst_result((passed, first, second)) is first
