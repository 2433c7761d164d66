"""Errors and refusals that the rate of the whole load dilutes."""

import pytest

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.gate import GateResult
from pytest_examday.evidence.figures import LoadPart, OperationFigures
from tests import builders

failing, figures, part = builders.failing, builders.figures, builders.part


def _gate(**fields: object) -> GateResult:
    return builders.gate("error-rate", load=builders.load(**fields))


def _part(overall: OperationFigures, *operations: OperationFigures) -> LoadPart:
    return part("deadline", overall, operations=operations)


def test_failures_of_the_last_part_fail_though_the_whole_load_passes() -> None:
    last = _part(failing(400, 5), figures("answer", 360), failing(40, 5, operation="submit"))
    made = _gate(
        overall=failing(1000, 5),
        operations=builders.exam_figures(failing(1000, 5, operation="submit")),
        parts=(last,),
    )
    assert (made.outcome, made.reason) == ("fail", "deadline: 5 of 40 submit requests failed (12.50%, limit 1%)")


@pytest.mark.parametrize(("errors", "outcome"), [(0, "pass"), (1, "pass"), (2, "fail")])
def test_a_single_error_is_no_rate(errors: int, outcome: str) -> None:
    operation = failing(71, errors, operation="submit")
    assert _gate(parts=(_part(failing(71, errors), operation),)).outcome == outcome


@pytest.mark.parametrize(("errors", "outcome"), [(9, "pass"), (10, "fail")])
def test_the_share_of_a_part_has_to_be_below_the_limit(errors: int, outcome: str) -> None:
    assert _gate(parts=(_part(failing(1000, errors)),)).outcome == outcome


def test_errors_of_an_operation_and_other_errors_of_its_part_are_reported_apart() -> None:
    submits = failing(40, 5, operation="submit")
    assert _gate(parts=(_part(failing(140, 6), submits),)).reason == (
        "deadline: 5 of 40 submit requests failed (12.50%, limit 1%)"
    )
    assert _gate(parts=(_part(failing(140, 8), submits),)).reason == (
        "deadline: 5 of 40 submit requests failed (12.50%, limit 1%); "
        "deadline: 3 of 100 other requests failed (3.00%, limit 1%)"
    )


def test_an_operation_that_is_red_as_a_whole_is_not_told_again_for_each_part() -> None:
    answers = failing(300, 30, operation="answer")
    made = _gate(operations=builders.exam_figures(answers), parts=(_part(failing(300, 30), answers),))
    assert made.reason == "30 of 300 answer requests failed (10.00%, limit 1%)"


def test_a_load_that_is_red_as_a_whole_is_not_told_again_for_each_part() -> None:
    made = _gate(overall=failing(400, 8), parts=(_part(failing(200, 8)),))
    assert made.reason == "2.00% of 400 requests failed, limit 1% (8 server_error)"


@pytest.mark.parametrize("operation", ["answer", "submit", "read", "review"])
def test_every_fifth_request_of_an_exam_refused_is_a_failure(operation: str) -> None:
    made = _gate(operations=builders.exam_figures(figures(operation, 100, limited=20)))
    assert (made.outcome, made.reason) == (
        "fail",
        f"20 of 100 {operation} requests were refused by a rate limit (20.00%, limit 1%)",
    )


@pytest.mark.parametrize("operation", ["login", "create", "refresh"])
def test_refusals_for_the_one_address_of_the_rehearsal_are_inconclusive(operation: str) -> None:
    made = _gate(operations=builders.exam_figures(figures(operation, 100, limited=20)))
    assert (made.outcome, made.reason) == (
        "inconclusive",
        f"20 of 100 {operation} requests were refused by a rate limit (20.00%, limit 1%), which this rehearsal's one "
        "address may have caused",
    )


@pytest.mark.parametrize(
    ("requests", "limited", "outcome"),
    [(40, 1, "pass"), (99, 1, "pass"), (100, 1, "fail"), (101, 1, "pass"), (40, 2, "fail"), (300, 2, "pass")],
)
def test_a_single_refusal_among_fewer_than_a_hundred_is_forgiven(requests: int, limited: int, outcome: str) -> None:
    refused = figures("submit", requests, limited=limited)
    assert _gate(operations=builders.exam_figures(refused)).outcome == outcome


def test_the_share_of_refusals_is_configurable() -> None:
    load = builders.load(operations=builders.exam_figures(figures("answer", 100, limited=20)))
    assert builders.gate("error-rate", Thresholds(refused_share=0.25), load=load).outcome == "pass"


def test_failures_of_a_part_are_told_with_the_platforms_own_words() -> None:
    fates = (builders.fate("ada"), builders.fate("bob", failures={"submit": 'HTTP 503 "pool timeout"'}))
    last = _part(failing(400, 5), figures("answer", 360), failing(40, 5, operation="submit"))
    assert _gate(parts=(last,), fates=fates).reason == (
        'deadline: 5 of 40 submit requests failed (12.50%, limit 1%), for instance bob: HTTP 503 "pool timeout"'
    )
