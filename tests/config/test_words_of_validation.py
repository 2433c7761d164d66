"""No word of the validator reaches a user, whatever it complains about."""

from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, core_schema

from pytest_examday.config.environment import Environment
from pytest_examday.config.validation_errors import PLAIN, WORDS, explain
from tests.config.validators_words import said_by_the_validator

TYPES = sorted(get_args(core_schema.ErrorType))
PLACES = {"extra_forbidden": ("alow",), "union_tag_invalid": ("runtime",), "union_tag_not_found": ("runtime",)}
"""Those that only a record, or a choice of records, has."""
CONTEXT = {
    "ge": 1,
    "gt": 1,
    "le": 1,
    "lt": 1,
    "multiple_of": 2,
    "expected": "'read', 'write' or 'disrupt'",
    "expected_tags": "'none', 'docker'",
    "tag": "podman",
    "discriminator": "'kind'",
    "min_length": 1,
    "max_length": 1,
    "actual_length": 2,
    "field_type": "List",
    "class": "Record",
    "class_name": "Record",
    "attribute": "x",
    "method_name": "get",
    "pattern": "^a$",
    "error": "must be so",
    "encoding": "utf-8",
    "encoding_error": "invalid",
    "expected_schemes": "'https'",
    "expected_version": 4,
    "max_digits": 1,
    "decimal_places": 1,
    "whole_digits": 1,
    "tz_expected": 0,
    "tz_actual": 1,
}


def _error(kind: str) -> ValidationError:
    if kind in ("value_error", "assertion_error"):
        context: dict[str, object] = {"error": ValueError("must be so")}
    else:
        context = dict(CONTEXT)
    details = InitErrorDetails(type=kind, loc=PLACES.get(kind, ("allow",)), input="x", ctx=context)
    return ValidationError.from_exception_data("Environment", [details])


@pytest.mark.parametrize("kind", TYPES)
def test_every_complaint_has_words_of_ours(kind: str) -> None:
    ((place, words),) = explain(_error(kind), Environment, ("env", "x"))
    assert place[:2] == ("env", "x")
    assert words
    assert "\n" not in words
    assert not said_by_the_validator(words)


def test_the_table_names_no_complaint_that_there_is_not() -> None:
    assert set(WORDS) <= {*TYPES, "path_type", "invalid-json-value"}  # the last two are of pydantic itself


def test_a_complaint_without_words_is_a_plain_sentence() -> None:
    assert "uuid_parsing" not in WORDS
    ((_, words),) = explain(_error("uuid_parsing"), Environment, ())
    assert words == PLAIN


def test_the_validators_words_are_recognised() -> None:
    """The search for them, on which the tests rest, finds what it looks for."""
    for kind, value in ((int, "x"), (tuple[int, ...], 3), (dict[str, str], 3)):
        with pytest.raises(ValidationError) as problem:
            TypeAdapter(kind).validate_python(value)
        assert said_by_the_validator(problem.value.errors()[0]["msg"])
