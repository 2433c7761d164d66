"""Reads the marks of tests: their gates, phases, titles and the activities that they need."""

import pytest

from pytest_examday.errors import UsageProblem
from pytest_examday.session.items import RehearsalItem
from pytest_examday.session.rehearsal import REHEARSAL

EVIDENCE_SUFFIX = "_evidence"
"""The fixture `NAME_evidence` gives the record of the activity NAME."""


def gate_name(item: pytest.Item) -> str | None:
    """The name in the mark `gate` of the test; None without that mark. Raises UsageProblem where the mark has no
    name."""
    mark = item.get_closest_marker("gate")
    if mark is None:
        return None
    name = mark.kwargs.get("name")
    if mark.args or set(mark.kwargs) != {"name"} or not isinstance(name, str) or not name:
        raise UsageProblem(f'{item.nodeid}: write @pytest.mark.gate(name="…") with one non-empty text')
    if not name.isprintable():
        raise UsageProblem(f"{item.nodeid}: a gate is called {name!r}; write its name as one line")
    return name


def phase_number(item: pytest.Item) -> int | None:
    """The number in the mark `phase` of the test; None without that mark. Raises UsageProblem where the number is
    missing or unknown."""
    mark = item.get_closest_marker("phase")
    if mark is None:
        return None
    number = mark.kwargs.get("number")
    phases = {phase for suite in item.config.stash[REHEARSAL].suites for phase in suite.phases}
    if mark.args or set(mark.kwargs) != {"number"} or number not in phases:
        raise UsageProblem(f"{item.nodeid}: write @pytest.mark.phase(number=N) with N from 1 to {max(phases)}")
    return int(number)


def title(item: pytest.Item) -> str:
    """The title of the test: its statement, the first line of its docstring, or its name."""
    if isinstance(item, RehearsalItem):
        return item.title
    text = getattr(getattr(item, "obj", None), "__doc__", None)
    return text.strip().splitlines()[0].rstrip(".") if text and text.strip() else item.name


def needs(item: pytest.Item) -> frozenset[str]:
    """The activities whose evidence the test reads: those of its line or gate, or those of its fixtures."""
    if isinstance(item, RehearsalItem):
        return item.needs
    names = [name for name in getattr(item, "fixturenames", ()) if name.endswith(EVIDENCE_SUFFIX)]
    known = item.config.stash[REHEARSAL].known
    return frozenset(name.removesuffix(EVIDENCE_SUFFIX) for name in names).intersection(known)
