"""Whether the load was there as planned, read as the rules by which it is doubted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.evidence.figures import Arrivals, Window
from pytest_examday.suites.exam.lines.load.delivery import delivery_doubts
from tests import builders


def _doubts(thresholds: Thresholds | None = None, **fields: Any) -> list[str]:
    return list(delivery_doubts(builders.load(**fields), thresholds or Thresholds()))


def _windows(*begun: int, planned: int = 40) -> tuple[Window, ...]:
    """Windows after a ramp in which nothing was begun, so many writes begun in each."""
    ramp = builders.window(0, ramp=True, begun=0)
    return (ramp, *(builders.window(number, planned=planned, begun=count) for number, count in enumerate(begun, 1)))


def _arrivals(**fields: Any) -> Arrivals:
    return Arrivals.model_validate({"planned": 100, "actual": 100, "late_p95_ms": 2.0, "late_max_ms": 9.0, **fields})


def test_a_load_as_planned_is_not_doubted() -> None:
    assert _doubts() == []


@pytest.mark.parametrize(
    ("generator", "doubt"),
    [
        ({"delivered_actions": 189}, "the load was not delivered: 189 of 200 planned writes were sent"),
        ({"planned_actions": 0, "delivered_actions": 0}, "the load was not delivered: 0 of 0 planned writes were sent"),
        ({"lag_p95_ms": None}, "the load generator did not watch itself"),
        ({"lag_p95_ms": 120.5}, "the load generator was saturated: its p95 lag was 120.5 ms, limit 100 ms"),
        ({"cpu_peak_share": None}, "the load generator did not watch its processors"),
        (
            {"cpu_peak_share": 0.94},
            "the load generator was saturated: 94% of a processor in its busiest seconds, limit 90%",
        ),
    ],
)
def test_a_generator_that_delivered_too_little_or_was_saturated_is_doubted(
    generator: dict[str, float | None], doubt: str
) -> None:
    assert _doubts(generator=builders.generator(**generator)) == [doubt]


@pytest.mark.parametrize(
    "generator", [{"delivered_actions": 190}, {"lag_p95_ms": 100.0}, {"cpu_peak_share": 0.9}, {"cpu_share": None}]
)
def test_a_generator_at_its_limits_is_enough(generator: dict[str, float | None]) -> None:
    assert _doubts(generator=builders.generator(**generator)) == []


def test_a_load_that_stood_still_for_a_third_of_the_time_and_caught_up_is_doubted() -> None:
    assert _doubts(windows=_windows(40, 40, 40, 0, 0, 0, 160, 40, 40)) == [
        "the load stalled: in 3 of 9 groups of windows less than 80% of the writes that were due were begun, at worst "
        "0 of 40"
    ]


def test_one_hiccup_is_forgiven_and_two_are_not() -> None:
    assert _doubts(windows=_windows(40, 10, 70, 40, 40)) == []
    assert len(_doubts(windows=_windows(40, 10, 70, 10, 70))) == 1


def test_of_many_windows_a_twentieth_may_be_short() -> None:
    assert _doubts(windows=_windows(*[40] * 38, 0, 0)) == []
    assert len(_doubts(windows=_windows(*[40] * 37, 0, 0, 0))) == 1


def test_writes_that_slip_over_the_edge_of_a_window_are_no_stall() -> None:
    assert _doubts(windows=_windows(*[32, 48] * 4)) == []
    assert len(_doubts(windows=_windows(*[31, 49] * 4))) == 1


def test_the_share_of_a_window_is_configurable() -> None:
    assert len(_doubts(Thresholds(window_delivered_share=0.9), windows=_windows(*[32, 48] * 4))) == 1


def test_windows_with_few_writes_are_judged_together() -> None:
    assert _doubts(windows=_windows(*[5, 0, 5, 10] * 6, planned=5)) == []
    assert len(_doubts(windows=_windows(*[5] * 12, *[0] * 12, planned=5))) == 1


@given(st.lists(st.integers(20, 60), min_size=3, max_size=30), st.integers(0, 100))
def test_any_third_of_the_time_without_writes_is_found(planned: list[int], place: int) -> None:
    gap = max(2, -(-len(planned) // 3))
    first = place % (len(planned) - gap + 1)
    windows = tuple(
        builders.window(number, planned=due, begun=0 if first <= number < first + gap else 2 * due)
        for number, due in enumerate(planned)
    )
    assert len(_doubts(windows=windows)) == 1


def test_windows_that_do_not_tell_their_writes_are_doubted() -> None:
    assert _doubts(windows=(*_windows(40, 40), builders.window(3, planned=None, begun=None))) == [
        "it is unknown whether the load was even: the evidence does not say how many writes each window had"
    ]


@pytest.mark.parametrize(
    ("arrivals", "doubt"),
    [
        (None, "it is unknown whether candidates arrived in time: their arrivals were not compared with the plan"),
        (
            _arrivals(actual=0, late_p95_ms=None, late_max_ms=None),
            "it is unknown whether candidates arrived in time: their arrivals were not compared with the plan",
        ),
        (_arrivals(actual=94), "the load was not delivered: 94 of 100 candidates arrived"),
        (_arrivals(late_p95_ms=1000.4), "candidates arrived late: p95 1000.4 ms after their time, limit 1000 ms"),
    ],
)
def test_candidates_who_did_not_arrive_in_time_are_a_doubt(arrivals: Arrivals | None, doubt: str) -> None:
    assert _doubts(arrivals=arrivals) == [doubt]


def test_candidates_may_arrive_as_late_as_the_limit_says() -> None:
    late = _arrivals(actual=95, late_p95_ms=300.0)
    assert _doubts(arrivals=late) == []
    assert len(_doubts(Thresholds(arrival_late_ms=250), arrivals=late)) == 1


def test_a_load_that_lacks_the_writes_of_those_who_were_not_let_in_says_so() -> None:
    outside = tuple(builders.fate(f"c{number}", finished=False, password_doubted=True) for number in range(4))
    load = builders.load(
        fates=(*outside, builders.fate()),
        generator=builders.generator(delivered_actions=120),
        arrivals=Arrivals(planned=10, actual=6, late_p95_ms=2.0, late_max_ms=5.0),
    )
    assert builders.line("load-was-delivered", load=load).reason == (
        "the load was not delivered: 120 of 200 planned writes were sent, 4 candidates were refused at log-in"
    )
