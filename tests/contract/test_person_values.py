"""What a person sends beside the values of an operation: an address of its own, and what earlier answers told it to
send again."""

from typing import Any

import pytest
from pydantic import ValidationError

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.person_values import address_of, person_values
from pytest_examday.errors import UsageProblem
from pytest_examday.load.k6.translate import translated
from pytest_examday.suites.exam.load.exam_plan import FOUND

PAGE = Operation(method="GET", path="/enter", auth="none", keeps={"csrf": "csrf", "pre": "cookie:pre"})


def _contract(**fields: Any) -> Contract:
    return Contract.model_validate(dict(CONTRACT) | fields)


def test_a_person_always_has_the_same_address_and_others_have_others() -> None:
    people = [f"candidate-{number:04d}@exam.example" for number in range(400)]
    assert address_of(people[0]) == address_of(people[0])
    assert len({address_of(one) for one in people}) == 400
    assert all(address_of(one).startswith("10.") for one in people)


def test_where_a_contract_has_no_use_for_them_nobody_sends_any() -> None:
    assert person_values(CONTRACT, "a@exam.example") == {}


def test_what_is_kept_is_empty_until_an_answer_tells_it() -> None:
    own = person_values(_contract(before_login=PAGE), "a@exam.example")
    assert own == {"address": address_of("a@exam.example"), "csrf": "", "pre": ""}


def test_an_address_is_sent_where_a_header_asks_for_it() -> None:
    assert person_values(_contract(headers={"X-Forwarded-For": "{address}"}), "a")["address"] == address_of("a")


def test_an_answer_keeps_what_it_holds() -> None:
    assert PAGE.kept_in({"csrf": "c-1"}) == {"csrf": "c-1"}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"headers": {"X-A": "{version}"}}, "headers: unknown placeholder {version}; valid: {address}"),
        (
            {"token_header": "Cookie: sid={token}; a={b}"},
            "token_header: unknown placeholder {b}; valid: {token}, {addr",
        ),
        (
            {"token_header": "Cookie"},
            "'Cookie' must be a header whose value holds {token}, such as 'Cookie: sid={token}'",
        ),
        ({"headers": {"X A": "b"}}, "is no name of a header"),
        (
            {"before_login": PAGE.model_copy(update={"keeps": {"email": "x"}})},
            "before_login.keeps.email: not a name of",
        ),
        (
            {"logout": Operation(method="POST", path="/leave", form={"csrf": "{csrf}"})},
            "logout.form: unknown placeholder {csrf}; valid: {refresh_token}, {address}",
        ),
    ],
)
def test_a_name_that_nobody_tells_is_a_mistake(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as problem:
        _contract(**fields)
    assert told in str(problem.value)


def test_a_request_has_a_body_or_a_form() -> None:
    with pytest.raises(ValidationError, match="has a body and a form; a request carries one of them"):
        Operation(method="POST", path="/x", body={"a": 1}, form={"a": "1"})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"before_login": PAGE},
            "contract.before_login, contract.before_login.keeps, contract.before_login.finds (head",
        ),
        ({"headers": {"X-Forwarded-For": "{address}"}}, "cannot do {address}; use the engine candidates"),
        ({"read": CONTRACT.read.model_copy(update={"page": {"a": "p"}})}, "contract.read.page"),
    ],
)
def test_k6_says_what_it_cannot_do(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        translated(_contract(**fields), FOUND)
    assert told in str(problem.value)


def test_k6_gets_headers_form_and_token_header() -> None:
    assert CONTRACT.login is not None
    login = CONTRACT.login.model_copy(update={"body": None, "form": {"mail": "{email}"}, "headers": {"X-A": "1"}})
    told = translated(_contract(login=login, headers={"X-B": "2"}, token_header="X-Ticket: {token}"), FOUND)
    assert told["token_header"] == "X-Ticket: {token}"
    assert told["operations"]["login"]["form"] == {"mail": "{email}"}
    assert told["operations"]["login"]["headers"] == {"X-B": "2", "X-A": "1"}
