"""Compares the route in a log line with the path that its client called.

Platforms write routes as templates, as paths or as names, with or without a prefix. Only a route that is written as a
path says something here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

_PATH = re.compile(r"^(?:[A-Z]+ )?(/[^\s?]*)")
_Line = TypeVar("_Line")


def misrouted(lines: Iterable[tuple[str, object, _Line]], paths: Mapping[str, str]) -> list[_Line]:
    """The lines whose route is another one than that of their operation.

    `lines` gives the operation, the route and what is given back; `paths` the path of each operation by the contract.
    A route that fits the path of no operation may be written in some way that nobody knows here: it is wrong only if
    other lines of the same operation fit.
    """
    fitting: set[str] = set()
    others: list[tuple[str, bool, _Line]] = []
    for operation, route, line in lines:
        match = _PATH.match(route) if isinstance(route, str) else None
        own = paths.get(operation)
        if match is None or own is None or not _segments(match[1]):
            continue
        if _fits(_segments(match[1]), _segments(own)):
            fitting.add(operation)
        else:
            elsewhere = any(_fits(_segments(match[1]), _segments(path)) for path in paths.values())
            others.append((operation, elsewhere, line))
    return [line for operation, elsewhere, line in others if elsewhere or operation in fitting]


def _segments(path: str) -> list[str]:
    return [segment for segment in path.partition("?")[0].split("/") if segment]


def _fits(route: Sequence[str], path: Sequence[str]) -> bool:
    """Whether the route fits the path: compared from the end, each word of the path is in the route. A platform may
    leave out the beginning of its routes, or add to it."""
    pairs = zip(reversed(route), reversed(path), strict=False)
    return all("{" in expected or expected == given for given, expected in pairs)
