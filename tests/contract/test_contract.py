"""The contract: how a call is written and its answer understood."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from pytest_examday.config.validation_errors import explain
from pytest_examday.contract.contract import ProtectedOperation
from pytest_examday.contract.embedded_preset import CONTRACT, LOG_FORMAT
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.templates import fill

MALFORMED = ["status ==", "questions[", "nosuchfunction(detail)", "contains(detail)"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_characters="{}")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _operation(**fields: Any) -> Operation:
    return Operation.model_validate({"method": "POST", "path": "/v1/x", **fields})


@given(value=json_values)
def test_a_placeholder_that_is_the_whole_string_keeps_the_values_type(value: JsonValue) -> None:
    filled = fill({"deep": ["{value}"]}, {"value": value})
    assert filled["deep"][0] is value


@given(template=plain_values)
def test_a_template_without_placeholders_stays_as_it_is(template: JsonValue) -> None:
    assert fill(template, {"value": 1}) == template


def test_a_placeholder_inside_a_longer_string_becomes_text() -> None:
    assert fill("/v1/sessions/{id}/answers/{n}", {"id": "s-1", "n": 3}) == "/v1/sessions/s-1/answers/3"


def test_a_path_is_text_whatever_fills_it() -> None:
    assert _operation(path="{id}").path_for({"id": 7}) == "7"


def test_a_call_without_a_body_sends_none() -> None:
    assert _operation().body_for({"any": 1}) is None


@pytest.mark.parametrize(
    ("status", "body", "accepted"),
    [
        (200, {"status": "ready"}, True),
        (200, {"status": "down"}, False),
        (200, {}, False),
        (200, None, False),
        (200, "<html>", False),
        (503, {"status": "ready"}, False),
        (201, {"status": "ready"}, True),
        (202, {"status": "ready"}, False),
    ],
)
def test_a_call_is_accepted_by_status_and_body_together(status: int, body: JsonValue, accepted: bool) -> None:
    assert _operation(success_when="status == 'ready'").accepted(status, body) is accepted


@pytest.mark.parametrize("status", [200, 201])
def test_every_listed_status_is_a_success(status: int) -> None:
    assert _operation(success=(200, 201)).accepted(status, None)


def test_what_an_answer_holds_is_found_under_the_rehearsals_own_name() -> None:
    operation = _operation(finds={"questions": "items[].{id: key, choices: options[].letter}"})
    body = {"items": [{"key": "q1", "options": [{"letter": "A"}, {"letter": "B"}]}]}
    assert operation.find("questions", body) == [{"id": "q1", "choices": ["A", "B"]}]


@pytest.mark.parametrize("body", [None, {}, [], "text", 3])
def test_what_an_answer_does_not_hold_is_none(body: JsonValue) -> None:
    operation = _operation(finds={"score": "score", "short": "length(score)"})
    assert operation.find("score", body) is None
    assert operation.find("short", body) is None
    assert operation.find("unheard of", body) is None


@pytest.mark.parametrize(
    ("status", "body", "refuses"),
    [
        (403, {"detail": "exam mode: rank runs wait"}, True),
        (403, {"detail": "admin only"}, False),
        (403, {}, False),
        (403, None, False),
        (202, {"detail": "exam mode"}, False),
        (None, None, False),
    ],
)
def test_a_protected_operation_refuses_in_the_words_of_exam_mode_only(
    status: int | None, body: JsonValue, refuses: bool
) -> None:
    protected = ProtectedOperation(
        name="rank runs", operation=_operation(), refused_when="contains(detail, 'exam mode')"
    )
    assert protected.refuses(status, body) is refuses


def test_a_protected_operation_without_words_refuses_by_its_status() -> None:
    assert ProtectedOperation(name="rank runs", operation=_operation()).refuses(423, None)


@pytest.mark.parametrize("expression", MALFORMED)
def test_a_malformed_expression_is_an_error_of_the_configuration(expression: str) -> None:
    with pytest.raises(ValidationError):
        _operation(success_when=expression)
    with pytest.raises(ValidationError):
        _operation(finds={"status": expression})
    with pytest.raises(ValidationError):
        ProtectedOperation(name="a", operation=_operation(), refused_when=expression)
    with pytest.raises(ValidationError):
        LogFormat.model_validate({**LOG_FORMAT.model_dump(), "request_when": expression})


@pytest.mark.parametrize("expression", MALFORMED)
def test_a_malformed_expression_is_told_of_in_one_line_that_names_its_key(expression: str) -> None:
    with pytest.raises(ValidationError) as problem:
        _operation(finds={"status": expression})
    ((place, words),) = explain(problem.value, Operation, ("contract", "submit"))
    assert place == ("contract", "submit", "finds", "status")
    assert words.startswith("is no JMESPath expression: ")
    assert "\n" not in words


def test_the_reference_contract_guards_the_six_operations_of_the_seed() -> None:
    assert [protected.name for protected in CONTRACT.protected] == [
        "BKT recompute",
        "rank runs",
        "IRT calibration",
        "email outbox drain",
        "notification broadcast",
        "bulk question import",
    ]
    assert all(protected.operation.auth == "admin" for protected in CONTRACT.protected)
