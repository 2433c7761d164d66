"""Notes that the body of a gate's test, which is its function, was called with real fixtures and came to its end.

The reports of pytest alone do not show this. A hook may report a test as passed without calling the function, or hide
the exception that it raised. A TestCase of unittest does not await a coroutine.
"""

import functools
import inspect
import unittest
from collections.abc import Callable
from typing import Any, cast

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.core.property_names import BODY_ENDED, GATE
from pytest_examday.session.evidence_fixtures import why_not_the_rehearsals
from pytest_examday.session.noted_exceptions import note_raised, note_result
from pytest_examday.session.replaced_tests import why_another_function, why_cases_are_lost
from pytest_examday.session.watched_fixtures import WATCHED_FIXTURES

_Body = Callable[..., Any]
_ANOTHER: pytest.StashKey[str | None] = pytest.StashKey()
"""Why the item calls another function than its test's."""


def watch_body(item: pytest.Item) -> None:
    """Replace the body of a gate's test by one that notes in the properties of the test how the body ends: with an
    exception, with a value, or as it should, with None.

    The body is the test's function. An item that has no function has the method `runtest`.
    """
    another = why_another_function(item)
    if isinstance(item, pytest.Function):
        item.obj = _watched(item.obj, item)
        item.stash[_ANOTHER] = another
    else:
        item.runtest = _watched(item.runtest, item)  # type: ignore[method-assign]


def call_watched_body(item: pytest.Item) -> None:
    """Put the watched body into the TestCase if the gate's test is a method of one.

    pytest does not call a coroutine function of a TestCase itself. It lets unittest do it, and unittest looks for the
    method in the TestCase.
    """
    if isinstance(item, pytest.Function) and GATE in dict(item.user_properties):
        case = item.instance
        if isinstance(case, unittest.TestCase):
            setattr(case, item.originalname, item.obj)


def _watched(body: _Body, item: pytest.Item) -> _Body:
    if inspect.iscoroutinefunction(body):

        @functools.wraps(body)
        async def awaited(*arguments: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            try:
                returned = await body(*arguments, **named)
            except BaseException as problem:
                note_raised(item, "call", problem)
                raise
            _note_end(item, returned)
            return returned

        return awaited

    @functools.wraps(body)
    def called(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        try:
            returned = body(*arguments, **named)
        except BaseException as problem:
            note_raised(item, "call", problem)
            raise
        _note_end(item, returned)
        return returned

    return cast("_Body", called)


def _note_end(item: pytest.Item, returned: object) -> None:
    reason = (
        item.stash.get(_ANOTHER, None)
        or why_cases_are_lost(item)
        or item.config.stash[WATCHED_FIXTURES].why_not_real(item)
        or why_not_the_rehearsals(item)
    )
    if reason is None and returned is None:
        item.user_properties.append((BODY_ENDED, True))
        return
    name = str(dict(item.user_properties)[GATE])
    if reason is None:
        kind = type(returned).__name__
        reason = f"its test returned a value ({kind}), and only a test that returns None can pass: write assert"
    note_result(item, GateResult(name=name, outcome="inconclusive", reason=reason))
