"""Requests as they are kept, and the rule of a percentile."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.load.samples import (
    Follower,
    Sample,
    SampleWriter,
    percentile,
    read_samples,
)
from tests.builders import EPOCH, sample

waits = st.floats(0, 1e6)


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


def test_samples_are_read_as_they_were_written(tmp_path: Path) -> None:
    writer = SampleWriter(tmp_path / "s.jsonl")
    written = [
        sample(response_ms=7.5),
        sample("submit", status=None, outcome="timeout", ms=10_000.0),
        sample("login", status=429, outcome="limited", response_ms=None),
    ]
    for one in written:
        writer.add(one)
    writer.close()
    assert list(read_samples(tmp_path / "s.jsonl")) == written


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
            counts.append(len(list(read_samples(path))))
            await asyncio.sleep(0.15)
            counts.append(len(list(read_samples(path))))
        writer.close()
        return counts

    assert run(write()) == [0, 3, 3, 6]


def test_many_samples_do_not_wait_for_the_time(tmp_path: Path) -> None:
    async def write() -> tuple[int, int]:
        writer = SampleWriter(tmp_path / "s.jsonl")
        for _ in range(5000):
            writer.add(sample(response_ms=12.5))
        there = len(list(read_samples(tmp_path / "s.jsonl")))
        writer.close()
        return there, len(list(read_samples(tmp_path / "s.jsonl")))

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
        assert len(list(read_samples(tmp_path / "s.jsonl"))) == (1 if length >= first else 0)


def test_a_sample_without_response_time_is_read(tmp_path: Path) -> None:
    """As version 0.1 wrote them."""
    (tmp_path / "s.jsonl").write_text(f'["answer","ada",{EPOCH},5.0,200,"ok","ed-1"]\n')
    assert list(read_samples(tmp_path / "s.jsonl")) == [sample()]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '["answer","ada","noon",5.0,200,"ok","ed-1"]', '["answer","ada",1.0,5.0,200,"fine","ed-1"]', "\xff"],
)
def test_damage_names_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "s.jsonl"
    writer = SampleWriter(path)
    writer.add(sample())
    writer.close()
    path.write_bytes(path.read_bytes() + line.encode("latin-1") + b"\n")
    with pytest.raises(ValueError, match=r"s\.jsonl: line 2 is damaged"):
        list(read_samples(path))


def test_samples_are_given_before_the_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(f'["answer","ada",{EPOCH},5.0,200,"ok","ed-1"]\nnonsense\n')
    first = next(iter(read_samples(path)))
    assert isinstance(first, Sample)


def test_a_follower_gives_each_sample_once_and_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    writer = SampleWriter(path)
    follower = Follower(path)
    writer.add(sample(request_id="ed-1"))
    assert [one.request_id for one in follower.new()] == ["ed-1"]
    assert list(follower.new()) == []
    writer.add(sample(request_id="ed-2"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert list(follower.new()) == []
    path.write_bytes(whole)
    assert [one.request_id for one in follower.new()] == ["ed-2"]
    writer.close()
