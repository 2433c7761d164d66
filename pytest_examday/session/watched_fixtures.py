"""Notes which fixtures have a value although their function raised an exception or did not run to its end.

A hook may hide the exception of a fixture, or give the fixture a value without a call of its function. A fixture that
is not set up again for each test has that value in every test that uses it.
"""

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

import pluggy
import pytest

WATCHED_FIXTURES: "pytest.StashKey[WatchedFixtures]" = pytest.StashKey()
"""The key under which `config.stash` holds the watch of this process."""
_HOOK = "pytest_fixture_setup"
_Function = Callable[..., Any]


@dataclass(eq=False)
class _Setup:
    """One setup of a fixture: what its function raised, whether it came to its value, and whether the caller of the
    hook got an exception. `inner` are the setups that began meanwhile."""

    name: str
    function: _Function
    watched: _Function | None = None
    raised: str | None = None
    has_value: bool = False
    failed: bool = False
    inner: list["_Setup"] = field(default_factory=list)

    def why_not_real(self) -> str | None:
        """Why the fixture's value is not to be trusted; None if it is, or if there is none."""
        if self.failed:
            return None
        if self.raised is not None:
            return f"its fixture {self.name} raised {self.raised}, and a hook hid that"
        if not self.has_value:
            return f"its fixture {self.name} was set up, and the function of the fixture was not run to its end"
        return next((reason for inner in self.inner if (reason := inner.why_not_real()) is not None), None)

    @contextmanager
    def noting_raised(self) -> Iterator[None]:
        """Note an exception that is raised before the fixture has its value."""
        try:
            yield
        except BaseException as problem:
            if not self.has_value:
                text = (str(problem).strip().splitlines() or ["no message"])[0]
                self.raised = f"{type(problem).__name__} ({text})"
            raise


class WatchedFixtures:
    """Watches the function of every fixture from before the first hook of a setup until after the last one."""

    def __init__(self, config: pytest.Config) -> None:
        self._latest: dict[pytest.FixtureDef[Any], _Setup] = {}
        self._running: list[_Setup] = []
        config.pluginmanager.add_hookcall_monitoring(self._before, self._after)

    def why_not_real(self, item: pytest.Item) -> str | None:
        """Why a fixture that the test has used is not to be trusted; None if all are."""
        request = getattr(item, "_request", None)
        if request is None:
            return None  # an item without fixtures
        used = request._fixture_defs.values()  # noqa: SLF001 # pytest has no other list of fixtures that a body requests
        setups = (self._latest.get(fixture) for fixture in used)
        reasons = (setup.why_not_real() for setup in setups if setup is not None)
        return next((reason for reason in reasons if reason is not None), None)

    def _before(self, hook: str, _implementations: Sequence[pluggy.HookImpl], arguments: Mapping[str, Any]) -> None:
        if hook != _HOOK:
            return
        fixture = arguments["fixturedef"]
        setup = self._latest[fixture] = _Setup(fixture.argname, fixture.func)
        if self._running:
            self._running[-1].inner.append(setup)
        self._running.append(setup)
        fixture.func = setup.watched = _watched_like(fixture.func, setup)

    def _after(
        self,
        outcome: pluggy.Result[Any],
        hook: str,
        _implementations: Sequence[pluggy.HookImpl],
        arguments: Mapping[str, Any],
    ) -> None:
        if hook != _HOOK:
            return
        fixture = arguments["fixturedef"]
        setup = self._latest[fixture]
        setup.failed = outcome.exception is not None
        self._running.remove(setup)
        if fixture.func is setup.watched:  # and not one that a plugin has put there to stay
            fixture.func = setup.function


def _watched_like(function: _Function, setup: _Setup) -> _Function:
    """The watched function, bound as the function is: pytest binds the function of a class anew to each instance."""
    if inspect.ismethod(function):
        return MethodType(_watched(function.__func__, setup), function.__self__)
    return _watched(function, setup)


def _watched(function: _Function, setup: _Setup) -> _Function:
    """A function of the same kind, because pytest and plugins for coroutines treat each kind in its own way."""
    if inspect.isgeneratorfunction(function):
        watched = _watched_generator(function, setup)
    elif inspect.isasyncgenfunction(function):
        watched = _watched_asynchronous_generator(function, setup)
    elif inspect.iscoroutinefunction(function):
        watched = _watched_coroutine(function, setup)
    else:
        watched = _watched_call(function, setup)
    return functools.wraps(function)(watched)


def _watched_call(function: _Function, setup: _Setup) -> _Function:
    def called(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        with setup.noting_raised():
            value = function(*arguments, **named)
        setup.has_value = True
        return value

    return called


def _watched_generator(function: _Function, setup: _Setup) -> _Function:
    def generated(*arguments: Any, **named: Any) -> Generator[Any]:
        __tracebackhide__ = True
        with setup.noting_raised(), closing(function(*arguments, **named)) as values:
            for value in values:
                setup.has_value = True
                yield value

    return generated


def _watched_coroutine(function: _Function, setup: _Setup) -> _Function:
    async def awaited(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        with setup.noting_raised():
            value = await function(*arguments, **named)
        setup.has_value = True
        return value

    return awaited


def _watched_asynchronous_generator(function: _Function, setup: _Setup) -> _Function:
    async def generated(*arguments: Any, **named: Any) -> AsyncGenerator[Any]:
        __tracebackhide__ = True
        with setup.noting_raised():
            async with aclosing(function(*arguments, **named)) as values:
                async for value in values:
                    setup.has_value = True
                    yield value

    return generated
