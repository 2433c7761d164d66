"""A gate: as bad as the worst of its lines, and inconclusive without any evidence that it needs."""

from dataclasses import replace

import pytest

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.gate import Gate, GateResult, judge_gate
from pytest_examday.core.line import Judge
from pytest_examday.core.measured import Measured

from .small_suite import Count, SmallDrill, activity, counting, run_of, suite

LEFT, RIGHT = counting("left", "left-is-right"), counting("right", "right-is-right")
HARMLESS = replace(RIGHT, when_unmeasured="ignored")
WRONG = Count(wrong=2)


def _gate(measured: Measured, *lines: object, needs: tuple[str, ...] = (), every_drill: bool = False) -> GateResult:
    made = suite(
        activities=(activity("left"), activity("right"), activity("drill_a"), activity("drill_b")),
        lines=lines,  # type: ignore[arg-type] # lines, as the callers below give them
        gates=(Gate("all-is-well", "All is well", 1, needs=needs, every_drill=every_drill),),
        drills=(SmallDrill("drill_a"), SmallDrill("drill_b")),
        gate_names_without_suite=True,
    )
    return made.gate_result(made.gates[0], [line.result(measured) for line in made.lines], measured)


def test_a_gate_whose_lines_all_pass_passes_with_their_figures() -> None:
    result = _gate(run_of(left=Count(), right=Count(of=8)), LEFT, RIGHT)
    assert (result.outcome, result.reason) == ("pass", "10 of 10 are right; 8 of 8 are right")


def test_one_line_that_fails_fails_the_gate_and_its_reason_is_the_gates() -> None:
    result = _gate(run_of(left=Count(), right=WRONG), LEFT, RIGHT)
    assert (result.outcome, result.reason) == ("fail", "2 of 10 are wrong")


def test_a_failure_outweighs_what_was_not_measured_and_both_are_told() -> None:
    result = _gate(run_of(left=None, right=WRONG), LEFT, RIGHT)
    assert (result.outcome, result.reason) == ("fail", "2 of 10 are wrong; left was not measured: no platform")


def test_one_line_that_was_not_measured_makes_the_gate_inconclusive() -> None:
    result = _gate(run_of(left=None, right=Count()), LEFT, RIGHT)
    assert (result.outcome, result.reason) == ("inconclusive", "left was not measured: no platform")


def test_activities_that_were_not_measured_for_one_reason_are_told_together() -> None:
    assert _gate(run_of(), LEFT, RIGHT).reason == "left, right were not measured: no platform"


def test_a_reason_that_two_lines_give_is_told_once() -> None:
    again = counting("left", "left-once-more")
    assert _gate(run_of(left=WRONG), LEFT, again).reason == "2 of 10 are wrong"


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        (lambda measured, findings: 1 / 0, "the judge of right-is-right crashed: ZeroDivisionError"),
        (lambda measured, findings: False, "the judge of right-is-right returned False"),
    ],
    ids=["crashes", "returns something"],
)
def test_a_broken_judge_is_not_taken_for_something_that_was_not_measured(judge: Judge, told: str) -> None:
    result = _gate(run_of(left=Count(), right=Count()), LEFT, replace(HARMLESS, judge=judge))
    assert result.outcome == "inconclusive"
    assert told in result.reason


def test_an_unmeasured_optional_line_leaves_its_gate_as_it_is() -> None:
    result = _gate(run_of(left=Count()), LEFT, HARMLESS)
    assert (result.outcome, result.lines) == ("pass", ("left-is-right",))


def test_a_line_that_counts_when_measured_fails_the_gate_where_it_fails() -> None:
    result = _gate(run_of(left=Count(), right=WRONG), LEFT, HARMLESS)
    assert (result.outcome, result.lines) == ("fail", ("left-is-right", "right-is-right"))


def test_a_gate_of_which_no_line_was_measured_is_inconclusive() -> None:
    result = _gate(run_of(), HARMLESS)
    assert (result.outcome, result.reason) == ("inconclusive", "none of its lines was measured")
    assert judge_gate((), {}).outcome == "inconclusive"


def test_a_figure_that_is_not_quoted_is_left_to_the_line() -> None:
    quiet = replace(RIGHT, reason_of_gate=False)
    assert _gate(run_of(left=Count(), right=Count(of=8)), LEFT, quiet).reason == "10 of 10 are right"


def test_a_gate_is_inconclusive_without_an_activity_of_its_own() -> None:
    result = _gate(run_of(left=Count()), LEFT, needs=("right",))
    assert (result.outcome, result.reason) == ("inconclusive", "right was not measured: no platform")
    assert _gate(run_of(left=Count(), right=Count()), LEFT, needs=("right",)).outcome == "pass"


def test_an_activity_that_says_that_it_measured_nothing_leaves_the_gate_open() -> None:
    result = _gate(run_of(left=Count(), right=Count(of=0)), LEFT, needs=("right",))
    assert (result.outcome, result.reason) == ("inconclusive", "right was not measured: it counted nothing")


def test_a_gate_that_needs_every_drill_is_inconclusive_without_one_of_them() -> None:
    run = run_of(drills=("drill_a", "drill_b"), left=Count(), drill_a=Count())
    assert _gate(run, LEFT).outcome == "pass"
    result = _gate(run, LEFT, every_drill=True)
    assert (result.outcome, result.reason) == ("inconclusive", "drill_b was not measured: no platform")


def test_a_drill_that_is_no_part_of_the_run_is_not_needed() -> None:
    run = run_of(drills=("drill_a",), left=Count(), drill_a=Count())
    assert _gate(run, LEFT, every_drill=True).outcome == "pass"


def test_a_gate_names_the_files_on_which_it_rests_each_once() -> None:
    run = run_of(drills=("drill_a",), left=Count(), right=Count(), drill_a=Count())
    result = _gate(run, LEFT, RIGHT, needs=("left",), every_drill=True)
    assert result.evidence == ("evidence/left.json", "evidence/right.json", "evidence/drill_a.json")


def test_a_gate_states_the_limits_of_its_run_and_whether_it_is_hard() -> None:
    made = suite(gates=(Gate("all-is-well", lambda limits: f"p95 < {limits.p95_ms:g}ms", 1, hard=True),))
    run = run_of(Thresholds(p95_ms=750), count=Count())
    result = made.gate_result(made.gates[0], [line.result(run) for line in made.lines], run)
    assert (result.title, result.hard, result.suite) == ("p95 < 750ms", True, "small")


@pytest.mark.parametrize(("bare", "name"), [(True, "all-is-well"), (False, "small:all-is-well")])
def test_a_gate_has_its_suite_in_front_unless_the_suite_says_otherwise(bare: bool, name: str) -> None:
    made = suite(gate_names_without_suite=bare)
    run = run_of(count=Count())
    assert made.gate_result(made.gates[0], [made.lines[0].result(run)], run).name == name
    assert list(made.gate_by_name) == [name]


def test_the_test_of_a_gate_is_named_after_it() -> None:
    assert Gate("all-is-well", "All is well", 1).test == "test_all_is_well"
