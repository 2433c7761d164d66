"""Reads what the user's hooks add to a rehearsal, and refuses return values that cannot be added."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from pytest_examday.core.activity import Activity
from pytest_examday.core.field_types import refuse_wrong_types
from pytest_examday.core.gate import Gate
from pytest_examday.core.line import Line
from pytest_examday.core.suite import Suite
from pytest_examday.drills.drill import Drill
from pytest_examday.errors import UsageProblem

_Kind = TypeVar("_Kind")


class Additions:
    """What plugins and conftest.py files add through the hooks, in the order in which they were registered.

    Every method raises UsageProblem, which names the plugin and the hook, if an implementation raises or returns
    something else than a list or tuple of its kind.
    """

    def __init__(self, plugins: pytest.PytestPluginManager) -> None:
        self._plugins = plugins

    def suites(self) -> tuple[Suite, ...]:
        """Suites of the user's own."""
        return self._all("pytest_examday_suites", Suite)

    def activities(self, suite: str) -> tuple[Activity, ...]:
        """Activities for the suite of this name."""
        return self._all("pytest_examday_activities", Activity, suite=suite)

    def drills(self, suite: str) -> tuple[Drill, ...]:
        """Drills for the suite of this name."""
        return self._all("pytest_examday_drills", Drill, suite=suite)

    def gates(self, suite: str) -> tuple[Gate, ...]:
        """Gates for the suite of this name."""
        return self._all("pytest_examday_gates", Gate, suite=suite)

    def lines(self, suite: str) -> tuple[Line, ...]:
        """Lines for the suite of this name."""
        return self._all("pytest_examday_lines", Line, suite=suite)

    def _all(self, hook: str, kind: type[_Kind], **arguments: str) -> tuple[_Kind, ...]:
        return tuple(
            addition for where, given in self._returned(hook, arguments) for addition in _checked(where, given, kind)
        )

    def _returned(self, hook: str, arguments: dict[str, str]) -> Iterator[tuple[str, Any]]:
        """The name of each plugin that has the hook, with the name of the hook, and what it returns. Each is called by
        itself, so that a mistake names its plugin; hook wrappers are called around each."""
        every = getattr(self._plugins.hook, hook).get_hookimpls()
        functions = [implementation for implementation in every if not _wraps(implementation)]
        if every and not functions:
            raise UsageProblem(
                f"{every[0].plugin_name}: {hook} is a hook wrapper, and there is nothing to wrap; return the additions "
                "from a plain function"
            )
        for implementation in functions:
            others = [other.plugin for other in functions if other is not implementation]
            where = f"{implementation.plugin_name}: {hook}"
            with blaming(where):
                returned = self._plugins.subset_hook_caller(hook, others)(**arguments)
            yield from ((where, additions) for additions in returned)


@contextmanager
def blaming(where: str) -> Iterator[None]:
    """Turn what a function of the user's raises into a UsageProblem that names the place, `where`."""
    try:
        yield
    except UsageProblem as problem:
        raise UsageProblem(f"{where}: {problem}") from None
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as problem:  # noqa: BLE001 # a function that skips or exits adds nothing either
        raise UsageProblem(" ".join(f"{where} raised {type(problem).__name__}: {problem}".split())) from None


def _wraps(implementation: Any) -> bool:
    return bool(implementation.wrapper or implementation.hookwrapper)


def _checked(where: str, given: object, kind: type[_Kind]) -> Sequence[_Kind]:
    valid = f"return a list or tuple of {kind.__name__} objects"
    if not isinstance(given, list | tuple):
        raise UsageProblem(f"{where} returned {_described(given)}; {valid}")
    for number, entry in enumerate(given, 1):
        if not isinstance(entry, kind):
            raise UsageProblem(f"{where} returned {_described(entry)} as entry {number}; {valid}")
        if kind is not Suite:
            refuse_wrong_types(f"{where}, entry {number}", entry)
    return given


def _described(given: object) -> str:
    """What was given, in words: a class by its name, everything else by its type."""
    return f"the class {given.__name__}" if isinstance(given, type) else f"an object of type {type(given).__name__}"
