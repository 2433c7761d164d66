"""Finds gates whose tests were replaced, or lost cases, while pytest collected them.

A hook of a conftest.py may make the item of a test with another function, or give it fewer cases than its marks name.
The outcome of such an item says nothing of the gate.
"""

import inspect
import math
from collections import Counter
from collections.abc import Iterable, Sequence, Sized
from types import CodeType
from typing import Any

import pytest

_LOST: pytest.StashKey[str] = pytest.StashKey()
"""Why a test has fewer cases than its marks name."""


def why_another_function(item: pytest.Item) -> str | None:
    """Why the item calls another function than the test that its file defines; None if it calls that, or if the file
    has no such test. To be asked before the function of the item is watched."""
    if not isinstance(item, pytest.Function):
        return None
    defined = _code_of(getattr(getattr(item.parent, "obj", None), item.originalname, None))
    called = _code_of(item.obj)
    if defined is None or called is None or called is defined:
        return None
    place = f"{called.co_filename}, line {called.co_firstlineno}"
    return f"a plugin or conftest.py made its test of another function: {called.co_name} in {place}"


def _code_of(function: Any) -> CodeType | None:
    try:
        return getattr(inspect.unwrap(function), "__code__", None)
    except ValueError:  # functions that wrap each other in a circle
        return None


def note_lost_cases(items: Iterable[pytest.Item]) -> None:
    """Note which tests of a collector have fewer cases than their marks `parametrize` name."""
    functions = [item for item in items if isinstance(item, pytest.Function)]
    found = Counter(item.originalname for item in functions)
    for item in functions:
        named = math.prod(_cases(mark) for mark in item.iter_markers("parametrize"))
        if found[item.originalname] < named:
            item.stash[_LOST] = (
                f"its marks parametrize name {named} cases, and a plugin or conftest.py left {found[item.originalname]}"
            )


def why_cases_are_lost(item: pytest.Item) -> str | None:
    """Why the test of the item has too few cases; None if it has all."""
    return item.stash.get(_LOST, None)


def _cases(mark: pytest.Mark) -> int:
    """The number of values in a mark; 1 if it is unknown, or if there are none: pytest then skips the test."""
    named: Sequence[Any] = (*mark.args[1:2], *(value for name, value in mark.kwargs.items() if name == "argvalues"))
    return max(1, len(named[0])) if named and isinstance(named[0], Sized) else 1
