"""From marks to gates, phases and the activities that the selected tests need."""

from collections.abc import Iterable

import pytest

from pytest_examday.errors import UsageProblem
from pytest_examday.options import PHASES
from pytest_examday.suites.exam.activities.registry import BY_NAME as ACTIVITIES
from pytest_examday.suites.exam.gates.registry import BY_NAME as GATES

EVIDENCE_SUFFIX = "_evidence"
DRILL = "planned_drill"
"""The fixture for which a test is made once for each drill that the profile adds."""


def gate_name(item: pytest.Item) -> str | None:
    """The gate that the test is; raises UsageProblem where the mark does not name one."""
    mark = item.get_closest_marker("gate")
    if mark is None:
        return None
    name = mark.kwargs.get("name")
    if mark.args or set(mark.kwargs) != {"name"} or not isinstance(name, str) or not name:
        raise UsageProblem(f'{item.nodeid}: write @pytest.mark.gate(name="…") with one non-empty text')
    return name


def phase_number(item: pytest.Item) -> int | None:
    """The phase that the test belongs to; raises UsageProblem where the mark names none."""
    mark = item.get_closest_marker("phase")
    if mark is None:
        return None
    number = mark.kwargs.get("number")
    if mark.args or set(mark.kwargs) != {"number"} or number not in PHASES:
        raise UsageProblem(f"{item.nodeid}: write @pytest.mark.phase(number=N) with N from 1 to {max(PHASES)}")
    return int(number)


def title(item: pytest.Item) -> str:
    """The line that the test stands for: the first line of its docstring, or its name."""
    text = getattr(getattr(item, "obj", None), "__doc__", None)
    return text.strip().splitlines()[0].rstrip(".") if text and text.strip() else item.name


def needs(item: pytest.Item, drills: Iterable[str]) -> set[str]:
    """The activities whose evidence the test reads, by its gate, its fixtures and the drill that it is made for;
    `drills` are those that the profile adds."""
    named = {
        name.removesuffix(EVIDENCE_SUFFIX)
        for name in getattr(item, "fixturenames", ())
        if name.endswith(EVIDENCE_SUFFIX) and name.removesuffix(EVIDENCE_SUFFIX) in ACTIVITIES
    }
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        named |= {drill for drill in (item.callspec.params.get(DRILL),) if drill in ACTIVITIES}
    gate = gate_name(item)
    return named | set(GATES[gate].needed(drills)) if gate in GATES else named
