"""Errors of a few seconds, which the rates of the whole load and of its parts dilute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.core.line import LineResult
from pytest_examday.evidence.figures import ErrorCount, OperationFigures, Window
from pytest_examday.suites.exam.lines.load.error_rate_of_windows import chance_of, stretches_of
from tests import builders

failing, figures = builders.failing, builders.figures
QUIET = figures("all", 120)


def _load_of(*made: OperationFigures) -> tuple[Window, ...]:
    return tuple(builders.window(number, ramp=number < 2, figures=one) for number, one in enumerate(made))


def _judged(*made: OperationFigures, **fields: object) -> LineResult:
    return builders.line("error-rate-of-each-window", load=builders.load(windows=_load_of(*made), **fields))


def test_failures_of_the_ramp_are_judged() -> None:
    made = _judged(failing(120, 12), *[QUIET] * 7)
    assert (made.outcome, made.reason) == (
        "fail",
        "12 of 120 requests failed (10.00%, limit 1%), 0 to 2 s after the beginning",
    )


def test_failures_of_one_window_are_red_where_the_whole_is_below_the_limit() -> None:
    whole = failing(2000, 12)
    assert _judged(*[QUIET] * 5, failing(120, 12), *[QUIET] * 5, overall=whole).reason == (
        "12 of 120 requests failed (10.00%, limit 1%), 10 to 12 s after the beginning"
    )


def test_one_operation_in_one_window_is_red_though_all_requests_together_are_not() -> None:
    answers = [ErrorCount(judged=150, errors=0)] * 4
    submits = [ErrorCount(judged=100, errors=errors) for errors in (0, 7, 0, 0)]
    windows = tuple(
        builders.window(number, figures=failing(900, submit.errors), operations={"answer": answer, "submit": submit})
        for number, (answer, submit) in enumerate(zip(answers, submits, strict=True))
    )
    made = builders.line("error-rate-of-each-window", load=builders.load(windows=windows))
    assert (made.outcome, made.reason) == (
        "fail",
        "7 of 100 submit requests failed (7.00%, limit 1%), 2 to 4 s after the beginning",
    )


def test_four_resets_among_851_requests_accuse_no_window() -> None:
    lumps = [failing(71, errors) if errors else figures("all", 71) for errors in (0, 2, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0)]
    assert _judged(*lumps, overall=failing(852, 4)).outcome == "pass"


@given(where=st.lists(st.integers(0, 11), min_size=4, max_size=4))
def test_four_errors_are_forgiven_wherever_in_the_load_they_lie(where: list[int]) -> None:
    lumps = [failing(71, where.count(number)) if number in where else figures("all", 71) for number in range(12)]
    assert _judged(*lumps, overall=failing(852, 4)).outcome == "pass"


def test_windows_of_few_requests_are_joined_with_the_next_ones_and_that_is_said() -> None:
    made = _judged(*[figures("all", 30)] * 9)
    assert (made.outcome, made.facts_in_words) == (
        "pass",
        "at worst 0 of 120 requests failed in one of 2 stretches; 9 windows of fewer than 100 requests "
        "were joined "
        "with others",
    )


@given(sizes=st.lists(st.integers(0, 130), min_size=1, max_size=20))
def test_no_window_is_left_out_and_no_stretch_is_too_short(sizes: list[int]) -> None:
    windows = [builders.window(number, figures=figures("all", size)) for number, size in enumerate(sizes)]
    made = list(stretches_of(windows))
    assert (sum(one.judged for one in made), sum(one.windows for one in made)) == (sum(sizes), len(sizes))
    assert len(made) == 1 or all(one.judged >= 100 for one in made)


def test_a_load_with_too_few_requests_is_in_doubt_and_the_gate_says_it_once() -> None:
    windows = _load_of(*[figures("all", 11)] * 9)
    made = builders.gate("error-rate", load=builders.load(windows=windows, overall=figures("all", 99)))
    assert (made.outcome, made.reason) == ("inconclusive", "99 requests are too few for a rate")


def test_a_part_and_its_windows_are_one_cause() -> None:
    part = builders.part("arrivals", failing(240, 12), ended=builders.EPOCH + 4, operations=())
    assert _judged(failing(120, 12), *[QUIET] * 7, parts=(part,)).outcome == "pass"
    assert _judged(*[QUIET] * 4, failing(120, 12), parts=(part,)).outcome == "fail", "another time is another cause"


def test_a_load_that_is_red_as_a_whole_is_not_told_again_for_each_window() -> None:
    made = builders.gate(
        "error-rate", load=builders.load(windows=_load_of(*[failing(120, 12)] * 8), overall=failing(960, 96))
    )
    assert made.reason == "10.00% of 960 requests failed, limit 1% (96 server_error)"


@pytest.mark.parametrize(
    ("errors", "judged", "chance"), [(0, 100, 1.0), (1, 100, 0.634), (2, 100, 0.264), (6, 100, 0.0005)]
)
def test_the_chance_of_so_many_errors_is_that_of_the_binomial_distribution(
    errors: int, judged: int, chance: float
) -> None:
    assert chance_of(errors, judged, 0.01) == pytest.approx(chance, abs=0.0006)
