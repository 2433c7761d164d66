"""Text from outside, made harmless."""

import pytest

from pytest_examday.report.templating import markdown_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("# heading", r"\# heading"),
        ("1. item", r"\1. item"),
        ("two\nlines", "two lines"),
        ("x < 5 & y", "x < 5 & y"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("<img src=x>", "&lt;img src=x>"),
        ("see https://evil.example/x or www.evil.example", r"see https:\//evil.example/x or www\.evil.example"),
        ("zero_data_loss and _this_", r"zero_data_loss and \_this\_"),
    ],
)
def test_markdown_shows_the_text_as_it_is(text: str, shown: str) -> None:
    assert markdown_text(text) == shown
