"""Values of an answer that stand in a header or a cookie."""

import pytest

from pytest_examday.contract.headers_and_cookies import ReceivedResponse
from pytest_examday.contract.reply_search import checked, search

ANSWER = ReceivedResponse.of(
    {"id": 3},
    [
        ("Location", "/exams/17/result"),
        ("ETag", '"v4"'),
        ("Set-Cookie", "sid=s-1; Path=/; HttpOnly"),
        ("set-cookie", "theme=dark"),
        ("Set-Cookie", "=;;broken"),
    ],
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("header:location", "/exams/17/result"),
        ("header:Location ~ /exams/(\\d+)", "17"),
        ("header:Location ~ /papers/(\\d+)", None),
        ("header:X-None", None),
        ("header:ETag", '"v4"'),
        ("cookie:sid", "s-1"),
        ("cookie:theme ~ ^(d)", "d"),
        ("cookie:pre", None),
        ("id", 3),
    ],
)
def test_headers_cookies_and_body_are_searched(expression: str, value: object) -> None:
    assert search(checked(expression), ANSWER) == value


def test_an_answer_of_which_only_the_body_is_read_has_no_header() -> None:
    assert search("header:Location", {"header": "x"}) is None


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        (
            "header:",
            "'header:' is malformed; write header:NAME, header:NAME ~ REGEX, cookie:NAME or cookie:NAME ~ REGEX",
        ),
        ("cookie:a b", "'cookie:a b' is malformed; write"),
        ("header:A ~ (", "'(' is no regular expression: "),
        ("header:A ~ x", "'x' needs one group, (…), around the value; it has 0"),
        ("header:A ~ (x)(y)", "'(x)(y)' needs one group, (…), around the value; it has 2"),
    ],
)
def test_a_mistake_is_told_when_the_configuration_is_read(expression: str, told: str) -> None:
    with pytest.raises(ValueError) as problem:  # noqa: PT011 # its text is compared below
        checked(expression)
    assert str(problem.value).startswith(told)
