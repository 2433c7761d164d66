"""Hooks with which a plugin or a `conftest.py` adds to a rehearsal.

pytest calls them once in every process of a run with `--env`, after the environment has been read and before tests are
collected. Each returns a list or tuple of its kind, or None for nothing. A hook that raises or returns something else,
two additions with one name, and one that contradicts the suite end the run with one line and exit status 4.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_examday.core.activity import Activity
    from pytest_examday.core.gate import Gate
    from pytest_examday.core.line import Line
    from pytest_examday.core.suite import Suite
    from pytest_examday.drills.drill import Drill


__all__ = [
    "pytest_examday_activities",
    "pytest_examday_drills",
    "pytest_examday_gates",
    "pytest_examday_lines",
    "pytest_examday_suites",
]


@pytest.hookspec
def pytest_examday_suites() -> "Sequence[Suite]":  # type: ignore[empty-body] # a specification
    """Return suites of your own; a suite is one kind of rehearsal."""


@pytest.hookspec
def pytest_examday_activities(suite: str) -> "Sequence[Activity]":  # type: ignore[empty-body] # a specification
    """Return activities to add to the suite called `suite`. An added activity runs after the others of its phase.

    The evidence of the activity NAME is the file `evidence/NAME.json` and the fixture `NAME_evidence`.
    """


@pytest.hookspec
def pytest_examday_drills(suite: str) -> "Sequence[Drill]":  # type: ignore[empty-body] # a specification
    """Return drills to add to the suite called `suite`. A profile names them in `drills`; they run after the built-in
    ones of their phase.

    A drill without `lines` is judged by the lines that the suite has for every drill.
    """


@pytest.hookspec
def pytest_examday_gates(suite: str) -> "Sequence[Gate]":  # type: ignore[empty-body] # a specification
    """Return gates to add to the suite called `suite`; each gate needs at least one line."""


@pytest.hookspec
def pytest_examday_lines(suite: str) -> "Sequence[Line]":  # type: ignore[empty-body] # a specification
    """Return lines to add to the suite called `suite`; each becomes a test of its phase and an entry of the report."""
