"""Finds a value in a reply: in the body by JMESPath, in a header or in a cookie."""

from typing import Any

from jmespath.exceptions import JMESPathError, JMESPathTypeError

from pytest_examday.contract.headers_and_cookies import (
    ReceivedResponse,
    header_or_cookie_finder,
    names_header_or_cookie,
)
from pytest_examday.contract.json_finder import finder


def search(expression: str, body: Any) -> Any:
    """The value that the expression finds in a reply; None if there is none.

    The expression is a JMESPath in the body, or it names a header or a cookie, which only a `ReceivedResponse` has. The
    result is also None if a function or comparison cannot use the value: `contains(detail, 'exam mode')` is false for
    a reply without `detail`.
    """
    if names_header_or_cookie(expression):
        return header_or_cookie_finder(expression)(body) if isinstance(body, ReceivedResponse) else None
    if isinstance(body, ReceivedResponse):
        body = body.body
    try:
        return finder(expression)(body)
    except (JMESPathTypeError, TypeError):  # jmespath compares a number with a text by Python's own `<`
        return None


def checked(expression: str) -> str:
    """The expression itself. Raises ValueError if it is malformed or calls an unknown function."""
    try:
        if names_header_or_cookie(expression):
            header_or_cookie_finder(expression)
        search(expression, None)
    except JMESPathError as problem:
        raise ValueError(f"is no JMESPath expression: {' '.join(str(problem).split())}") from None
    except RecursionError:
        raise ValueError("is a JMESPath expression that is nested too deeply") from None
    return expression
