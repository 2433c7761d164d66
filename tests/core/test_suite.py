"""A suite refuses to contradict itself, and says which of its lines are part of a run."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pytest_examday.core.gate import Gate
from pytest_examday.core.suite import Suite
from pytest_examday.errors import UsageProblem

from .small_suite import SmallDrill, activity, counting, suite

WELL = Gate("all-is-well", "All is well", 1)
CONTRADICTIONS: list[tuple[Callable[[], Suite], str]] = [
    (lambda: suite(activities=(activity("count"),) * 2), "two activities are called count"),
    (lambda: suite(lines=(counting(),) * 2), "two lines are called nothing-is-wrong"),
    (
        lambda: suite(activities=(activity("count"), activity("drill_a")), drills=(SmallDrill("drill_a"),) * 2),
        "two drills are called drill_a",
    ),
    (lambda: suite(gates=(WELL, WELL)), "two gates are called all-is-well"),
    (
        lambda: suite(lines=(replace(counting(), phase=9),)),
        "line nothing-is-wrong: there is no phase 9",
    ),
    (
        lambda: suite(lines=(counting(gates=("all-is-bad",)),)),
        "line nothing-is-wrong: no gate 'all-is-bad'; there are: all-is-well",
    ),
    (
        lambda: suite(lines=(counting("measure"),)),
        "line nothing-is-wrong: no activity 'measure'; there are: count",
    ),
    (
        lambda: suite(gates=(WELL, Gate("no-line", "No line", 1))),
        "no line belongs to the gate no-line",
    ),
    (
        lambda: suite(gates=(replace(WELL, phase=9),)),
        "gate all-is-well: there is no phase 9",
    ),
    (
        lambda: suite(gates=(replace(WELL, needs=("measure",)),)),
        "gate all-is-well: no activity 'measure'; there are: count",
    ),
    (
        lambda: suite(drills=(SmallDrill("drill_a"),)),
        "drill drill_a: there is no activity drill_a",
    ),
    (
        lambda: suite(activities=(replace(activity("count"), runs_after=("dinner",)),)),
        "activity count: `runs_after` names 'dinner', not an activity",
    ),
]


@pytest.mark.parametrize(("made", "problem"), CONTRADICTIONS)
def test_a_suite_that_contradicts_itself_is_refused(made: Callable[[], Suite], problem: str) -> None:
    with pytest.raises(UsageProblem) as refused:
        made()
    assert str(refused.value) == f"suite small{', ' if ': ' in problem else ': '}{problem}"


def test_a_line_that_needs_an_activity_that_is_no_part_of_the_run_is_none_either() -> None:
    here, there = counting("count"), counting("drill_a", "the-drill-is-right")
    made = suite(
        activities=(activity("count"), activity("drill_a")), lines=(here, there), drills=(SmallDrill("drill_a"),)
    )
    assert made.lines_in(("count",)) == (here,)
    assert made.lines_in(("count", "drill_a")) == (here, there)


def test_the_lines_of_a_gate_are_those_that_name_it() -> None:
    counted, told = counting(), counting(key="for-information", gates=())
    made = suite(lines=(counted, told))
    assert made.lines_of(WELL, ("count",)) == (counted,)
    assert made.line_by_key == {"nothing-is-wrong": counted, "for-information": told}
