"""Notes that the body of a gate's test was run to its end.

A report alone does not show it: a hook may call the test passed without the body, or hide what the body raised; and a
TestCase of unittest awaits no coroutine."""

import functools
import inspect
import unittest
from collections.abc import Callable
from typing import Any, cast

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.session.outcomes import BODY_ENDED, GATE
from pytest_examday.session.raised import note_raised, note_result

_Body = Callable[..., Any]


def watch_body(item: pytest.Item) -> None:
    """Note from now on, in the properties of the test of a gate, what its body raises, that it returns a value, or that
    it ends as a test that passed does. The body is that of its function, or the method `runtest` of an item without a
    function."""
    if isinstance(item, pytest.Function):
        item.obj = _watched(item.obj, item)
    else:
        item.runtest = _watched(item.runtest, item)  # type: ignore[method-assign]


def call_watched_body(item: pytest.Item) -> None:
    """Make unittest call the watched method: pytest leaves a coroutine function to unittest, which looks for it in the
    TestCase."""
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
    if returned is None:
        item.user_properties.append((BODY_ENDED, True))
        return
    name = str(dict(item.user_properties)[GATE])
    kind = type(returned).__name__
    reason = f"its test returned a value ({kind}), and only a test that returns None can pass: write assert"
    note_result(item, GateResult(name=name, outcome="inconclusive", reason=reason))
