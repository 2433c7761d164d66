"""Which operations of administrators are tried with the token of a candidate."""

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.suites.exam.rules.administrators import RULES

_REPORT = Operation(method="GET", path="/staff", auth="admin")


@pytest.mark.parametrize(
    ("operation", "tried"),
    [
        (_REPORT, True),
        (_REPORT.model_copy(update={"auth": "candidate"}), False),
        (_REPORT.model_copy(update={"success": (303,)}), False),
        (_REPORT.model_copy(update={"success": (303,), "success_when": "header.Location == '/staff'"}), True),
    ],
    ids=["an administrator's", "a candidate's", "a redirect may lead to the login", "a redirect that is told apart"],
)
def test_an_operation_is_tried_if_its_answer_tells_that_it_was_accepted(operation: Operation, tried: bool) -> None:
    contract = CONTRACT.model_copy(update={"allowed": {"a report": operation}, "protected": ()})
    (rule,) = RULES
    assert (rule.why_impossible(contract) is None) is tried
