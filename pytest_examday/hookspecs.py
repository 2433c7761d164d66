"""The hooks by which a plugin or a conftest.py adds to a rehearsal.

They are called once in every process of a run with `--env`, after the environment was read and before tests are
collected. Names must be unique; a contradiction is one line and exit status 4.
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
    """Suites of your own, one object for each kind of rehearsal."""


@pytest.hookspec
def pytest_examday_activities(suite: str) -> "Sequence[Activity]":  # type: ignore[empty-body] # a specification
    """Activities to add to the suite of that name. An activity runs after the others of its phase.

    Its evidence is `evidence/NAME.json` and the fixture `NAME_evidence`.
    """


@pytest.hookspec
def pytest_examday_drills(suite: str) -> "Sequence[Drill]":  # type: ignore[empty-body] # a specification
    """Drills to add to the suite of that name. A profile names them like the built-in ones; they run after those.

    A drill without `lines` gets the usual ones of the suite.
    """


@pytest.hookspec
def pytest_examday_gates(suite: str) -> "Sequence[Gate]":  # type: ignore[empty-body] # a specification
    """Gates to add to the suite of that name; at least one line must belong to each."""


@pytest.hookspec
def pytest_examday_lines(suite: str) -> "Sequence[Line]":  # type: ignore[empty-body] # a specification
    """Lines to add to the suite of that name; each becomes a test of its phase and an entry of the report."""
