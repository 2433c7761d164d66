"""The figures made of requests."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.evidence.figures import ERRORS
from pytest_examday.load.samples import (
    SampleWriter,
    by_operation,
    figures,
    overlapping,
    percentile,
    read_samples,
    windows,
)
from tests.builders import EPOCH, sample

waits = st.floats(0, 1e6)
outcomes = st.sampled_from(["ok", "limited", *sorted(ERRORS)])


def test_exactly_one_of_twenty_late_makes_the_95th_percentile_late() -> None:
    assert percentile([1.0] * 19 + [900.0], 0.95) == 900.0
    assert percentile([1.0] * 20 + [900.0], 0.95) == 1.0


@given(late=st.integers(0, 60), fast=st.integers(0, 600))
def test_the_95th_percentile_is_late_if_and_only_if_five_percent_are(late: int, fast: int) -> None:
    value = percentile([1.0] * fast + [900.0] * late, 0.95)
    if late + fast == 0:
        assert value is None
    else:
        assert (value == 900.0) is (late * 20 >= late + fast and late > 0)


@given(values=st.lists(waits, min_size=1), share=st.floats(0, 1))
def test_a_percentile_is_one_of_the_values_and_grows_with_its_share(values: list[float], share: float) -> None:
    ordered = sorted(values)
    value = percentile(ordered, share)
    assert value in ordered
    assert percentile(ordered, 1.0) == ordered[-1]
    assert value is not None
    assert value <= ordered[-1]
    assert sum(item < value for item in ordered) <= share * len(ordered) + 1e-6


def test_the_median_of_two_is_the_slower() -> None:
    assert percentile([1.0, 2.0], 0.5) == 2.0


@given(st.lists(st.tuples(outcomes, waits)))
def test_every_request_is_a_success_an_error_or_limited(ended: list[tuple[str, float]]) -> None:
    made = figures("all", [sample(outcome=outcome, ms=ms) for outcome, ms in ended])
    assert made.requests == len(ended) == made.succeeded + made.errors + made.limited
    assert made.judged == made.requests - made.limited
    assert sum(made.by_outcome.values()) == made.requests
    judged = [ms for outcome, ms in ended if outcome != "limited"]
    assert made.max_ms == max(judged, default=None)
    assert (made.p95_ms is None) is (not judged)
    assert (made.error_rate is None) is (not judged)


def test_refusals_by_a_rate_limit_never_improve_a_latency() -> None:
    slow = [sample(ms=900.0) for _ in range(10)]
    limited = [sample(ms=1.0, outcome="limited", status=429) for _ in range(1000)]
    made = figures("answer", slow + limited)
    assert (made.p50_ms, made.p95_ms, made.limited, made.success_rate) == (900.0, 900.0, 1000, 1.0)


def test_nothing_has_no_figures() -> None:
    made = figures("answer", [])
    assert (made.p50_ms, made.p95_ms, made.p99_ms, made.max_ms) == (None, None, None, None)
    assert (made.error_rate, made.success_rate) == (None, None)


def test_operations_are_told_apart() -> None:
    made = by_operation([sample("submit"), sample("answer"), sample("submit", outcome="timeout", status=None)])
    assert [(one.operation, one.requests, one.errors) for one in made] == [("answer", 1, 0), ("submit", 2, 1)]


def test_windows_are_slices_by_the_moment_of_sending() -> None:
    made = windows([sample(at=at, ms=5000) for at in (0, 1.9, 2.0, 7.5)], 2.0, 3.0)
    assert [(one.started - EPOCH, one.ended - EPOCH, one.figures.requests) for one in made] == [
        (0, 2, 2),
        (2, 4, 1),
        (6, 8, 1),
    ]
    assert [one.ramp for one in made] == [True, True, False]


def test_without_a_ramp_every_window_counts() -> None:
    assert [one.ramp for one in windows([sample(at=0), sample(at=3)], 2.0, 0.0)] == [False, False]


def test_without_requests_there_are_no_windows() -> None:
    assert windows([], 2.0, 3.0) == ()


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.5, 30))
def test_every_request_falls_into_one_window(moments: list[float], seconds: float) -> None:
    made = windows([sample(at=at) for at in moments], seconds, 0.0)
    assert sum(one.figures.requests for one in made) == len(moments)


@pytest.mark.parametrize(
    ("requests", "doubles"),
    [
        ([], 0),
        ([("ada", 0, 10)], 0),
        ([("ada", 0, 10), ("ada", 0.005, 10)], 1),
        ([("ada", 0, 10), ("ada", 0.02, 10)], 0),
        ([("ada", 0, 10), ("bob", 0.005, 10)], 0),
        ([("ada", 0, 100), ("ada", 0.01, 1), ("ada", 0.05, 1)], 2),
        ([("ada", 0.005, 10), ("ada", 0, 10)], 1),
    ],
)
def test_a_double_click_is_a_request_while_another_of_the_same_candidate_is_under_way(
    requests: list[tuple[str, float, float]], doubles: int
) -> None:
    assert overlapping(sample(candidate=who, at=at, ms=ms) for who, at, ms in requests) == doubles


def test_samples_are_read_as_they_were_written(tmp_path: Path) -> None:
    writer = SampleWriter(tmp_path / "s.jsonl")
    written = [sample(), sample("submit", status=None, outcome="timeout", ms=10_000.0)]
    for one in written:
        writer.add(one)
    writer.close()
    assert read_samples(tmp_path / "s.jsonl") == written


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_samples_are_in_the_file_within_a_tenth_of_a_second(
    tmp_path: Path, run: Callable[[Coroutine[Any, Any, list[int]]], list[int]]
) -> None:
    async def write() -> list[int]:
        path, counts = tmp_path / "s.jsonl", []
        writer = SampleWriter(path)
        for _ in range(2):
            for _ in range(3):
                writer.add(sample())
            counts.append(len(read_samples(path)))
            await asyncio.sleep(0.15)
            counts.append(len(read_samples(path)))
        writer.close()
        return counts

    assert run(write()) == [0, 3, 3, 6]


def test_many_samples_do_not_wait_for_the_time(tmp_path: Path) -> None:
    async def write() -> tuple[int, int]:
        writer = SampleWriter(tmp_path / "s.jsonl")
        for _ in range(5000):
            writer.add(sample(response_ms=12.5))
        there = len(read_samples(tmp_path / "s.jsonl"))
        writer.close()
        return there, len(read_samples(tmp_path / "s.jsonl"))

    there, at_last = asyncio.run(write())
    assert 4000 < there <= 5000
    assert at_last == 5000


def test_samples_that_the_disk_does_not_take_are_told_of() -> None:
    async def write() -> None:
        writer = SampleWriter(Path("/dev/full"))
        writer.add(sample())
        with pytest.raises(OSError, match="No space left"):
            writer.close()

    asyncio.run(write())


def test_a_last_line_cut_by_a_crash_is_left_out(tmp_path: Path) -> None:
    writer = SampleWriter(tmp_path / "s.jsonl")
    writer.add(sample())
    writer.add(sample("submit"))
    writer.close()
    whole = (tmp_path / "s.jsonl").read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(len(whole)):
        (tmp_path / "s.jsonl").write_bytes(whole[:length])
        assert len(read_samples(tmp_path / "s.jsonl")) == (1 if length >= first else 0)
