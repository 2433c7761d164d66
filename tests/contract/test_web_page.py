"""A web page is read as a document: what a table of CSS selectors finds in it."""

import pytest
from pydantic import JsonValue

from pytest_examday.contract.web_page import ambiguous, checked_page, read_page, unmatched

PAGE = b"""<!DOCTYPE html><html><head><meta name="csrf" content="c-1"></head>
<body><main data-status="open"> <time id="left" data-seconds="59">59 s</time>
<fieldset class="q" data-id="17"><legend> Which? </legend>
  <input type="radio" value="68"><input type="radio" value="69" checked></fieldset>
<fieldset class="q" data-id="18"><legend>What?</legend><input type="radio" value="70"></fieldset>
</main></body></html>"""


def test_a_selector_finds_the_text_of_an_element_or_its_attribute() -> None:
    table = {
        "csrf": "meta[name=csrf]@content",
        "left": "#left@data-seconds",
        "words": "#left",
        "state": "main@data-status",
    }
    assert read_page(table, PAGE) == {"csrf": "c-1", "left": "59", "words": "59 s", "state": "open"}


def test_a_list_of_one_selector_finds_all() -> None:
    assert read_page({"choices": ["input@value"]}, PAGE) == {"choices": ["68", "69", "70"]}


def test_a_table_makes_one_document_for_each_element() -> None:
    items: dict[str, JsonValue] = {
        "each": ".q",
        "id": "@data-id",
        "choices": ["input@value"],
        "chosen": "input[checked]@value",
        "text": "legend",
    }
    assert read_page({"items": items}, PAGE) == {
        "items": [
            {"id": "17", "choices": ["68", "69"], "chosen": "69", "text": "Which?"},
            {"id": "18", "choices": ["70"], "chosen": None, "text": "What?"},
        ]
    }


@pytest.mark.parametrize("selector", ["#nowhere", ".q@data-id", "#left@data-none"])
def test_what_is_not_there_and_what_two_elements_have_is_no_value(selector: str) -> None:
    assert read_page({"found": selector}, PAGE) == {"found": None}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"{}", b"<", b"<html>"])
def test_any_content_is_read_without_an_error(content: bytes) -> None:
    table: dict[str, JsonValue] = {"csrf": "meta@content", "all": ["p"], "each": {"each": "p", "id": "@id"}}
    read = read_page(table, content)
    assert read is None or read == {"csrf": None, "all": [], "each": []}


def test_a_selector_that_two_elements_match_is_named() -> None:
    table: dict[str, JsonValue] = {"one": "#left", "two": ".q@data-id", "all": [".q@data-id"]}
    assert list(ambiguous(table, PAGE)) == ["two: '.q' matches 2 elements"]


def test_a_selector_that_no_element_matches_is_named() -> None:
    table: dict[str, JsonValue] = {
        "one": "#left",
        "two": "time.left@datetime",
        "all": ["p"],
        "each": {"each": "li", "id": "@id"},
    }
    assert list(unmatched(table, PAGE)) == [
        "two: no element of the page matches 'time.left'",
        "all: no element of the page matches 'p'",
        "each: no element of the page matches 'li'",
    ]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("a[", "x: 'a[' is not a CSS selector"),
        ([], "x: a list holds one selector"),
        ({}, "x: a table must not be empty"),
        (["a", "b"], "x: a list holds one selector"),
        (7, "x: 7 is neither a selector, nor a list of one selector, nor a table with `each`"),
        ({"id": "@id"}, "x: a table needs `each`, a selector, and at least one value beside it"),
        ({"each": "p"}, "x: a table needs `each`, a selector, and at least one value beside it"),
        ({"each": "p", "id": "!!"}, "x: '!!' is not a CSS selector"),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_key(entry: object, told: str) -> None:
    with pytest.raises(ValueError, match=r"^x: ") as problem:
        checked_page({"x": entry})  # type: ignore[dict-item] # the mistake itself
    assert str(problem.value) == told
