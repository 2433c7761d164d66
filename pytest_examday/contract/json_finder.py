"""Finds values in JSON replies by JMESPath, with a fast path for simple expressions.

Every reply in a load is searched. For expressions such as `choice` or `status == 'ok'` the interpreter of jmespath
takes several times as long as decoding a small reply. The fast path gives the same result for any document.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import jmespath
from jmespath.parser import ParsedResult

Finder = Callable[[Any], Any]


@cache
def compiled(expression: str) -> ParsedResult:
    """The compiled JMESPath expression. Raises jmespath.exceptions.JMESPathError if it is malformed."""
    return jmespath.compile(expression)


@cache
def finder(expression: str) -> Finder:
    """A function that evaluates the expression on a JSON document.

    Raises jmespath.exceptions.JMESPathError if the expression is malformed.
    """
    parsed = compiled(expression)
    return fast_finder(parsed) or parsed.search


class SimplePath(NamedTuple):
    """A value of a document, named by the keys on the way to it, or its comparison with the text `equals`."""

    keys: tuple[str, ...]
    equals: str | None = None


def simple_path_of(parsed: ParsedResult) -> SimplePath | None:
    """The place that `a`, `a.b`, or their comparison with a text names; None for every other expression."""
    node = parsed.parsed
    if node["type"] == "comparator" and node["value"] == "eq":
        left, right = node["children"]
        names = _names(left)
        text = right["value"] if right["type"] == "literal" else None
        return None if names is None or not isinstance(text, str) else SimplePath(names, text)
    names = _names(node)
    return None if names is None else SimplePath(names)


def fast_finder(parsed: ParsedResult) -> Finder | None:
    """The fast function for an expression that names a place; None for every other expression."""
    place = simple_path_of(parsed)
    if place is None:
        return None
    find = _path(place.keys)
    return find if place.equals is None else _equality(find, place.equals)


def _names(node: Mapping[str, Any]) -> tuple[str, ...] | None:
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return None
    parts = [_names(child) for child in node["children"]]
    return None if None in parts else tuple(name for part in parts for name in part or ())


def _path(names: tuple[str, ...]) -> Finder:
    if len(names) == 1:
        return _field(names[0])

    def find(body: Any) -> Any:
        for name in names:
            if type(body) is not dict:
                return None
            body = body.get(name)
        return body

    return find


def _field(name: str) -> Finder:
    return lambda body: body.get(name) if type(body) is dict else None


def _equality(find: Finder, text: str) -> Finder:
    return lambda body: find(body) == text
