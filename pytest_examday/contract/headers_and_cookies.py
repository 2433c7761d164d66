"""Values in a header of a reply, or in a cookie that it sets."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple

from pytest_examday.contract.patterns import HEADER_NAME, pattern

FORMS = "header:NAME, header:NAME ~ REGEX, cookie:NAME or cookie:NAME ~ REGEX"
_EXPRESSION = re.compile(rf"(header|cookie):({HEADER_NAME})(?: ~ (.+))?")
_BEGINNINGS = ("header:", "cookie:")


class ReceivedResponse(NamedTuple):
    """The body of a reply together with its headers and cookies. The names of `headers` are in lower case; several
    headers of one name are joined by commas."""

    body: Any
    headers: Mapping[str, str]
    cookies: Mapping[str, str]

    @classmethod
    def of(cls, body: Any, headers: Iterable[tuple[str, str]]) -> "ReceivedResponse":
        """The reply with these headers, as they came."""
        joined: dict[str, str] = {}
        cookies: dict[str, str] = {}
        for given, value in headers:
            name = given.lower()
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
            if name == "set-cookie":
                cookies |= _cookies(value)
        return cls(body, joined, cookies)


def names_header_or_cookie(expression: str) -> bool:
    """Whether the expression names a header or a cookie, rather than a place in the body."""
    return expression.startswith(_BEGINNINGS)


@cache
def header_or_cookie_finder(expression: str) -> Callable[[ReceivedResponse], str | None]:
    """A function that finds the header or cookie, or what the group of the regular expression matches in its value.

    Raises ValueError if the expression is malformed.
    """
    parts = _EXPRESSION.fullmatch(expression)
    if parts is None:
        raise ValueError(f"{expression!r} is malformed; write {FORMS}")
    kind, name, regex = parts.groups()
    within = None if regex is None else _one_group(regex)

    def find(reply: ReceivedResponse) -> str | None:
        value = reply.headers.get(name.lower()) if kind == "header" else reply.cookies.get(name)
        if value is None or within is None:
            return value
        match = within.search(value)
        return None if match is None else match[1]

    return find


def _one_group(regex: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern(regex))
    except ValueError as problem:
        raise ValueError(f"{regex!r} {problem}") from None
    if compiled.groups != 1:
        raise ValueError(f"{regex!r} needs one group, (…), around the value; it has {compiled.groups}")
    return compiled


def _cookies(header: str) -> dict[str, str]:
    """The cookie that one header `Set-Cookie` sets; empty if the header is malformed."""
    read: SimpleCookie = SimpleCookie()
    try:
        read.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in read.items()}
