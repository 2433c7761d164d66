"""What was seen when one configured thing was tried."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import chain
from typing import Any, Literal, NamedTuple

State = Literal["works", "wrong", "untried"]

_MOST = 12
_PATH_BEFORE = re.compile(r"([\w-]+(?:\[\]|\.[\w-]+)*)(?=\[[?*]|\.[{\[]|\[\d)")
"""A path, and what may follow it: `[?filter]`, `[*]`, an index, `.{name: …}`."""


class CheckResult(NamedTuple):
    """`what` was tried, and what came of it: `message` in words, and `key_to_write`, the key to write if it is wrong.

    `untried` is what this environment does not configure or does not allow. `misfit`: the platform does not know the
    request, or its reply lacks what the contract looks for. `gates` cannot pass because of it: GO is impossible until
    `key_to_write` is changed.
    """

    what: str
    state: State
    message: str
    key_to_write: str = ""
    misfit: bool = False
    gates: tuple[str, ...] = ()


def places(body: Any, before: str = "") -> Iterator[str]:
    """The places of the values in a JSON document as JMESPath: `data.id`, `items[].n`."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from places(value, f"{before}.{name}" if before else str(name))
    elif isinstance(body, list):
        if body:
            yield from places(body[0], f"{before}[]")
        else:
            yield f"{before}[]"
    elif before:
        yield before


def shape(body: Any) -> str:
    """The places of the values in a reply, without the values, which may be secret."""
    found = list(places(body))
    if not found:
        return "nothing" if body is None else type(body).__name__
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"{', '.join(found[:_MOST])}{more}"


def nearest_place(expression: str, body: Any) -> str:
    """The place in the reply whose spelling is nearest to the expression; empty if none is near. Of an expression with
    a filter or a projection to named values, only the path before it is compared."""
    path, found = _path(expression), list(places(body))
    if path != expression:
        found = list(dict.fromkeys(chain.from_iterable(map(_on_the_way, found))))
        found = [place for place in found if place.endswith("[]") == path.endswith("[]")]
        expression = path
    last = {place.rpartition(".")[2].removesuffix("[]"): place for place in found}
    close = get_close_matches(expression, found, n=1) or [
        last[name] for name in get_close_matches(expression.rpartition(".")[2], last, n=1)
    ]
    return close[0] if close else ""


def _path(expression: str) -> str:
    """The path with which the expression begins, up to a filter or a projection; else the whole expression."""
    begins = _PATH_BEFORE.match(expression)
    return expression if begins is None else begins[1]


def _on_the_way(place: str) -> Iterator[str]:
    """The places of the objects and lists around a value: `a` and `a.b` and `a.b[]` for `a.b[].c`."""
    parts = place.split(".")
    for end in range(1, len(parts) + 1):
        around = ".".join(parts[:end])
        if end < len(parts):
            yield around
        if around.endswith("[]"):
            yield around.removesuffix("[]")


def did_you_mean_place(expression: str, body: Any) -> str:
    """The end of a message: "; did you mean PLACE?", with the nearest place in the reply; empty if there is none
    but the expression itself."""
    guess = nearest_place(expression, body)
    return f"; did you mean {guess}?" if guess not in ("", _path(expression)) else ""
