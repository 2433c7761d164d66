"""The platform's own log lines."""

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.log_reader import LogReader
from pytest_examday.runtimes.none import NoServices
from tests.observe.fakes import STAGING, log_files

NOON = 1_768_478_400.0
"""2026-01-15 12:00:00 UTC."""


@dataclass
class _Reading:
    """The lines of a span, each as file, time and the value of the expression; and how many could not be read."""

    lines: list[tuple[str, float, Any]]
    unreadable: int


def read_logs(runtime: NoServices, since: float, until: float = math.inf, place: str = "request_id") -> _Reading:
    """What a reader finds from `since` to `until`."""
    reader = LogReader(STAGING, runtime, lambda form: (place,))
    blocks = [block.between(since, until) for block in reader.blocks(since)]
    lines = [
        (block.file, at, value) for block in blocks for at, value in zip(block.times, block.values(place), strict=True)
    ]
    if not lines:
        reader.refuse_what_says_nothing()
    return _Reading(lines, reader.unreadable)


def _line(second: float = 0, **fields: object) -> str:
    return json.dumps({"ts": NOON + second, "event": "request", **fields}, ensure_ascii=False)


def _log(folder: Path, *lines: str, name: str = "worker-1.log") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_lines_of_all_files_are_read_with_file_time_and_fields(tmp_path: Path) -> None:
    one = _log(tmp_path, _line(1, request_id="ed-1"))
    two = _log(tmp_path, _line(2, request_id="ed-2"), name="worker-2.log")
    reading = read_logs(log_files(one, two), NOON)
    assert reading.lines == [("worker-1.log", NOON + 1, "ed-1"), ("worker-2.log", NOON + 2, "ed-2")]
    assert reading.unreadable == 0


@pytest.mark.parametrize(
    "time", ["2026-01-15T12:00:00Z", "2026-01-15T12:00:00.000+00:00", "2026-01-15T13:00:00+01:00", NOON, int(NOON)]
)
def test_a_time_may_be_written_in_several_ways(tmp_path: Path, time: object) -> None:
    reading = read_logs(log_files(_log(tmp_path, json.dumps({"ts": time}))), 0)
    assert [at for _, at, _ in reading.lines] == [NOON]


def test_only_lines_of_the_span_are_read(tmp_path: Path) -> None:
    path = _log(tmp_path, *[_line(second) for second in range(10)])
    assert [at - NOON for _, at, _ in read_logs(log_files(path), NOON + 3, NOON + 5).lines] == [3, 4, 5]
    assert len(read_logs(log_files(path), NOON + 3).lines) == 7


@pytest.mark.parametrize(
    "line",
    [
        *("Traceback (most recent call last):", '{"ts": 1', "[1]", '"text"', "{}", '{"ts": "soon"}', '{"ts": null}'),
        *('{"ts": 1} {"ts": 1}', " ", "[" * 20_000),
    ],
    ids=lambda line: line[:20],
)
def test_a_line_that_cannot_be_used_is_counted(tmp_path: Path, line: str) -> None:
    reading = read_logs(log_files(_log(tmp_path, _line(), line, _line())), 0)
    assert (len(reading.lines), reading.unreadable) == (2, 1)


def test_an_object_that_takes_several_lines_is_no_line_at_all(tmp_path: Path) -> None:
    reading = read_logs(log_files(_log(tmp_path, _line(), *json.dumps({"ts": NOON}, indent=1).split("\n"))), 0)
    assert (len(reading.lines), reading.unreadable) == (1, 3)


@pytest.mark.parametrize(
    "line", ['{"ts": 1, "extra": NaN}', '{"ts": 1, "extra": "\\ud800"}', '{"ts": 1, "extra": 1e999}'], ids=repr
)
def test_a_line_that_only_a_lenient_reader_takes_is_read_with_its_fields(tmp_path: Path, line: str) -> None:
    text = line.replace('"extra"', '"request_id": "ed-1", "extra"')
    assert [value for _, _, value in read_logs(log_files(_log(tmp_path, _line(), text)), 0).lines] == [None, "ed-1"]


@pytest.mark.parametrize("place", ["request.id", "request.id == 'ed-1'", "ids[0]", "missing.id", '"@id"'])
def test_a_field_is_found_wherever_the_log_format_says(tmp_path: Path, place: str) -> None:
    body = {"ts": NOON, "request": {"id": "ed-1"}, "ids": ["ed-1"], "missing": 7, "@id": "ed-1"}
    path = _log(tmp_path, json.dumps(body), json.dumps({**body, "extra": math.nan}))
    expected = {"request.id == 'ed-1'": True, "missing.id": None}.get(place, "ed-1")
    values = [value for _, _, value in read_logs(log_files(path), 0, place=place).lines]
    assert values == [expected, expected]


def test_an_empty_line_is_nothing(tmp_path: Path) -> None:
    assert read_logs(log_files(_log(tmp_path, "", _line(), "")), 0).unreadable == 0


def test_a_line_is_one_line_whatever_its_text_holds(tmp_path: Path) -> None:
    reading = read_logs(log_files(_log(tmp_path, _line(text="a\u2028b\u0085c"))), 0)
    assert (len(reading.lines), reading.unreadable) == (1, 0)


def test_bytes_that_are_no_text_hide_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "worker-1.log"
    path.write_bytes(b"\xff\xfe\n" + _line().encode() + b'\n{"ts": 1, "request_id": "\xff"}\n')
    reading = read_logs(log_files(path), 0)
    assert (len(reading.lines), reading.unreadable) == (2, 1)
    assert reading.lines[1][2] == "\N{REPLACEMENT CHARACTER}"


def test_an_expression_that_cannot_use_a_line_does_not_hold_of_it(tmp_path: Path) -> None:
    place = "contains(message, 'redis')"
    ((_, _, value),) = read_logs(log_files(_log(tmp_path, _line(message=None))), 0, place=place).lines
    assert value is None


@pytest.mark.parametrize("time", ["NaN", "Infinity", str(10**400), "true", '"soon"', "{}"])
def test_a_time_that_is_none_is_an_unreadable_line(tmp_path: Path, time: str) -> None:
    reading = read_logs(log_files(_log(tmp_path, _line(), f'{{"ts": {time}}}')), 0)
    assert (len(reading.lines), reading.unreadable) == (1, 1)


def test_a_time_in_milliseconds_is_one_in_seconds(tmp_path: Path) -> None:
    ((_, at, _),) = read_logs(log_files(_log(tmp_path, json.dumps({"ts": int(NOON * 1000)}))), 0).lines
    assert at == NOON


@pytest.mark.parametrize(
    "line",
    [
        '127.0.0.1 - - [15/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200',
        "x" * 3_000_000,
    ],
    ids=["another format", "a line of megabytes"],
)
def test_a_log_of_which_no_line_can_be_read_is_unmeasurable_with_a_sample(tmp_path: Path, line: str) -> None:
    with pytest.raises(Unmeasurable) as reason:
        read_logs(log_files(_log(tmp_path, line, line)), 0)
    told = str(reason.value)
    assert told.startswith("no line of 2 could be read by the log format 'reference', for instance ")
    assert repr(line[:100])[:-1] in told
    assert len(told) < 300


def test_lines_without_a_time_are_unmeasurable_and_say_what_to_write(tmp_path: Path) -> None:
    line = '{"time": "2026-01-15T12:00:00Z"}'
    with pytest.raises(Unmeasurable) as reason:
        read_logs(log_files(_log(tmp_path, line, "Traceback", line)), 0)
    assert str(reason.value) == (
        "2 of 3 lines are as the log format 'reference' says, but none has a time that can be read at `timestamp` "
        f"(ts): correct the key, or let the platform write the time into each line; for instance {line!r}"
    )


@pytest.mark.parametrize(("hours", "way"), [(2, "2 h ahead of"), (-5.5, "5.5 h behind"), (1, "1 h ahead of")])
def test_times_of_another_time_zone_are_told_as_such(tmp_path: Path, hours: float, way: str) -> None:
    """A platform that writes its local time and does not name the zone."""
    now = time.time()
    stamps = [json.dumps({"ts": now + 3600 * hours - second, "event": "request"}) for second in (9, 6, 3)]
    since, until = (now - 60, math.inf) if hours < 0 else (now - 60, now)
    with pytest.raises(Unmeasurable, match=f"the newest line of the log is {way} this machine's clock"):
        read_logs(log_files(_log(tmp_path, *stamps)), since, until)


def test_a_log_whose_newest_line_is_old_says_nothing_and_is_of_no_other_zone(tmp_path: Path) -> None:
    old = _log(tmp_path, json.dumps({"ts": time.time() - 1000, "event": "request"}))
    with pytest.raises(Unmeasurable, match=r"the newest line of the log is 100\d s behind this machine's clock: "):
        read_logs(log_files(old), time.time() - 60)


def test_patterns_that_match_no_file_are_named() -> None:
    staging = STAGING.model_copy(update={"logs": ("/var/log/nothing/*.log",)})
    with pytest.raises(Unmeasurable, match=r"env\.staging\.logs: no file matches /var/log/nothing/\*\.log"):
        LogReader(staging, log_files(), lambda form: ())


def test_without_log_files_nothing_can_be_read() -> None:
    with pytest.raises(Unmeasurable, match=r"no log files are known; set env\.staging\.logs"):
        read_logs(log_files(), 0)


def test_a_log_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unmeasurable, match=r"worker-9\.log: No such file"):
        read_logs(log_files(tmp_path / "worker-9.log"), 0)
