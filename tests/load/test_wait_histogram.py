"""Waits by class: the rule of their percentiles, and the form in which they are kept."""

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.load.samples import percentile
from pytest_examday.load.wait_histogram import (
    DIGITS,
    HIGHEST_US,
    WaitHistogram,
)
from tests.load.kept_histogram import read_waits

HOUR_MS = HIGHEST_US / 1000
waits = st.floats(0, HOUR_MS)
SHARES = (0.0, 0.5, 0.9, 0.95, 0.99, 1.0)


def _recorded(*ms: float) -> WaitHistogram:
    made = WaitHistogram()
    for one in ms:
        made.record(one)
    return made


def _p95(*ms: float) -> float | None:
    (value,) = _recorded(*ms).percentiles(0.95)
    return value


@given(st.lists(waits, min_size=1))
def test_percentiles_are_those_of_the_sorted_waits_and_never_faster(values: list[float]) -> None:
    ordered = sorted(values)
    for share, made in zip(SHARES, _recorded(*values).percentiles(*SHARES), strict=True):
        exact = percentile(ordered, share)
        assert made is not None
        assert exact is not None
        assert exact - 0.001 <= made <= exact * (1 + 1 / 1024) + 0.001


@given(late=st.integers(0, 60), fast=st.integers(0, 600))
def test_the_95th_percentile_is_late_if_and_only_if_five_percent_are(late: int, fast: int) -> None:
    value = _p95(*[1.0] * fast, *[900.0] * late)
    if late + fast == 0:
        assert value is None
    else:
        assert (value == 900.0) is (late * 20 >= late + fast and late > 0)


def test_the_95th_percentile_of_five_percent_late_waits_is_a_late_wait() -> None:
    """Why the rank is counted here."""
    library = HdrHistogram(1, HIGHEST_US, DIGITS)
    for ms in (*[1.0] * 95, *[900.0] * 5):
        library.record_value(round(ms * 1000))
    assert library.get_value_at_percentile(95) / 1000 == 1.0
    assert _p95(*[1.0] * 95, *[900.0] * 5) == 900.0


def test_nothing_has_no_percentile() -> None:
    assert list(WaitHistogram().percentiles(*SHARES)) == [None] * len(SHARES)


def test_a_clock_that_went_backwards_makes_no_wait() -> None:
    assert _p95(-5.0) == 0.0


@given(st.integers(0, HIGHEST_US))
def test_classes_are_those_of_the_library(microseconds: int) -> None:
    library = HdrHistogram(1, HIGHEST_US, DIGITS)
    made = _recorded(microseconds / 1000)
    assert list(made.classes) == [library.get_lowest_equivalent_value(microseconds)]


def test_waits_beyond_an_hour_are_clipped_and_counted() -> None:
    made = _recorded(5.0, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS)
    assert (made.count, made.clipped, made.longest_ms) == (4, 2, 2 * HOUR_MS)
    assert made.histogram("answer", "service", "whole").clipped == 2
    (median,) = made.percentiles(0.5)
    assert median is not None
    assert HOUR_MS <= median <= HOUR_MS * (1 + 1 / 1024)


@given(st.lists(st.floats(0, 2 * HOUR_MS), max_size=50))
def test_a_histogram_is_read_as_it_was_kept(values: list[float]) -> None:
    made = _recorded(*values)
    kept = made.histogram("answer", "response", "steady")
    read = read_waits(kept)
    assert (read.classes, read.count, read.clipped) == (made.classes, made.count, made.clipped)
    assert list(read.percentiles(*SHARES)) == list(made.percentiles(*SHARES))


def test_another_implementation_reads_the_kept_form() -> None:
    kept = _recorded(*[1.0] * 95, *[900.0] * 5).histogram("answer", "service", "whole")
    library = HdrHistogram.decode(kept.encoded)
    assert (library.get_total_count(), library.significant_figures) == (100, 3)
    assert library.get_value_at_percentile(99) == pytest.approx(900_000, rel=0.001)
