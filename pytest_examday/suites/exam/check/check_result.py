"""What was seen when one configured thing was tried."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

State = Literal["works", "wrong", "untried"]

_MOST = 12


class CheckResult(NamedTuple):
    """`what` was tried, and what came of it: `message` in words, and `key_to_write`, the key to write if it is wrong.

    `untried` is what this environment does not configure or does not allow. `misfit`: the platform does not know the
    request, or its reply lacks what the contract looks for.
    """

    what: str
    state: State
    message: str
    key_to_write: str = ""
    misfit: bool = False


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
    """The place in the reply whose spelling is nearest to the expression; empty if none is near."""
    found = list(places(body))
    last = {place.rpartition(".")[2].removesuffix("[]"): place for place in found}
    close = get_close_matches(expression, found, n=1) or [
        last[name] for name in get_close_matches(expression.rpartition(".")[2], last, n=1)
    ]
    return close[0] if close else ""


def did_you_mean_place(expression: str, body: Any) -> str:
    """The end of a message: "; did you mean PLACE?", with the nearest place in the reply; empty if there is none
    but the expression itself."""
    guess = nearest_place(expression, body)
    return f"; did you mean {guess}?" if guess not in ("", expression) else ""
