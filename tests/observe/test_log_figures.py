"""What the lines of the log add up to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import LOG_FORMAT
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_review import LogQuery, review
from pytest_examday.observe.text_decoder import TextDecoder
from tests.observe.fakes import STAGING, log_files

COMPLETE = {"event": "request", "request_id": "ed-1", "route": "/v1/ready", "status": 200, "total_ms": 10.0}
OUTAGE = TimeSpan(10.0, 20.0)


Figures = Callable[..., dict[str, Any]]


def _request(at: float, **fields: object) -> dict[str, object]:
    return {"ts": at, **COMPLETE, **fields}


def _slow(at: float, ms: float) -> dict[str, object]:
    return {"ts": at, "event": "slow_sql", "ms": ms}


@pytest.fixture(name="figures_of")
def make_figures_of(tmp_path: Path) -> Figures:
    """The figures of a log with these lines, read by the reference log format with these changes."""

    def figures_of(
        *lines: dict[str, object], disturbed: tuple[TimeSpan, ...] = (OUTAGE,), **changes: object
    ) -> dict[str, Any]:
        path = tmp_path / "worker-1.log"
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        form = LOG_FORMAT.model_copy(update=changes)
        environment = STAGING.model_copy(update={"platform": PlatformDescription(log_format_if_described=form)})
        return review(environment, log_files(path), 0, LogQuery(disturbed=disturbed)).figures

    return figures_of


def test_durations_are_those_of_the_requests(figures_of: Figures) -> None:
    figures = figures_of(*(_request(1, total_ms=float(ms)) for ms in range(1, 101)))
    assert (figures["p50_ms"], figures["p95_ms"], figures["p99_ms"]) == (51, 96, 100), "between two, the slower one"


def test_durations_in_seconds_are_told_in_milliseconds(figures_of: Figures) -> None:
    figures = figures_of(_request(1, total_ms=0.25), _slow(1, 0.2), duration_unit="s")
    assert (figures["p50_ms"], figures["slow_queries"]) == (250, 1)


def test_lines_of_text_are_read_by_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(
        '[26/Nov/2026:22:33:01 +0000] "GET /a" 200 0.25 ed-1\n'
        "Traceback (most recent call last):\n"
        '[26/Nov/2026:22:33:02 +0000] "GET /b" 503 - ed-2\n'
    )
    form = LogFormat(
        name="text",
        pattern=r'\[(?P<at>[^\]]+)\] "\S+ (?P<path>\S+)" (?P<code>\d+) (?P<s>\S+) (?P<id>\S+)',
        time_format="%d/%b/%Y:%H:%M:%S %z",
        timestamp="at",
        level="code",
        request_id="id",
        request_when="id",
        route="path",
        status="code",
        total_ms="s",
        duration_unit="s",
    )
    environment = STAGING.model_copy(update={"platform": PlatformDescription(log_format_if_described=form)})
    read = review(environment, log_files(path), 0, LogQuery(whole_lines=frozenset({"ed-1"})))
    assert (read.figures["requests_logged"], read.figures["p50_ms"], read.figures["server_errors"]) == (2, 250, 1)
    assert (read.figures["incomplete_records"], read.figures["unreadable_lines"]) == (1, 1)
    assert read.found.lines["ed-1"]["text"].body["path"] == "/a"


def test_a_dash_in_a_line_of_text_is_no_value() -> None:
    assert TextDecoder(r"(?P<host>\S+) - (?P<user>\S+)", ()).body(b"10.0.0.1 - -") == {"host": "10.0.0.1", "user": None}


@pytest.mark.parametrize(
    ("pattern", "told"), [("(?P<a>", "is no regular expression: "), (r"\d+", "names no group; write for instance")]
)
def test_a_pattern_that_reads_nothing_is_refused(pattern: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        LogFormat.model_validate({**LOG_FORMAT.model_dump(), "pattern": pattern})


def test_a_log_without_slow_statements_has_none(figures_of: Figures) -> None:
    figures = figures_of(_request(1), _slow(1, 500), slow_sql_when=None, slow_sql_ms=None)
    assert (figures["requests_logged"], figures["slow_queries"]) == (1, 0)


@pytest.mark.parametrize(("ms", "slow", "very_slow"), [(100, 0, 0), (101, 1, 0), (300, 1, 0), (301, 1, 1)])
def test_a_query_is_slow_above_100_and_very_slow_above_300_ms(
    figures_of: Figures, ms: float, slow: int, very_slow: int
) -> None:
    figures = figures_of(_slow(1, ms))
    assert (figures["slow_queries"], figures["very_slow_queries"]) == (slow, very_slow)


@pytest.mark.parametrize(("status", "total", "server"), [(200, 0, 0), (404, 1, 0), (503, 1, 1), (None, 1, 1)])
def test_a_request_that_ended_without_a_status_is_an_error_of_the_server(
    figures_of: Figures, status: int | None, total: int, server: int
) -> None:
    figures = figures_of(_request(1, status=status))
    assert (figures["total_errors"], figures["server_errors"], figures["error_rate"]) == (total, server, server)


@pytest.mark.parametrize(("at", "counted"), [(9.9, 1), (10, 0), (15, 0), (20, 0), (20.1, 1)])
def test_what_a_drill_disturbs_is_the_drills_to_judge(figures_of: Figures, at: float, counted: int) -> None:
    figures = figures_of(_request(at, status=503, total_ms=4_000.0), _slow(at, 4_000))
    assert (figures["server_errors"], figures["very_slow_queries"]) == (counted, counted)
    assert (figures["p95_ms"], figures["error_rate"]) == ((4_000, 1) if counted else (None, None))
    assert (figures["requests_logged"], figures["requests_disturbed"]) == (1, 1 - counted)


def test_each_of_several_drills_is_left_out(figures_of: Figures) -> None:
    lines = [_request(at) for at in (5.0, 15.0, 25.0, 35.0)]
    assert figures_of(*lines, disturbed=(OUTAGE, TimeSpan(30, 40)))["requests_disturbed"] == 2


def test_a_record_without_its_duration_is_no_audit_even_in_a_drill(figures_of: Figures) -> None:
    assert figures_of(_request(15, total_ms=None))["incomplete_records"] == 1


def test_without_requests_there_is_no_rate(figures_of: Figures) -> None:
    figures = figures_of()
    assert (figures["requests_logged"], figures["error_rate"], figures["p95_ms"]) == (0, None, None)


@pytest.mark.parametrize(
    ("fields", "incomplete"),
    [
        ({}, 0),
        ({"status": "200", "total_ms": "10.0"}, 0),
        ({"status": 404, "route": None}, 0),
        ({"route": None}, 1),
        ({"request_id": None}, 1),
        ({"status": True}, 1),
        ({"status": [200]}, 1),
        ({"total_ms": {"value": 1}}, 1),
    ],
    ids=repr,
)
def test_an_audit_needs_id_route_status_and_duration(
    figures_of: Figures, fields: dict[str, object], incomplete: int
) -> None:
    assert figures_of(_request(1, **fields), _request(2))["incomplete_records"] == incomplete


def test_durations_that_are_none_are_left_out_and_texts_count(figures_of: Figures) -> None:
    told = figures_of(*(_request(1, total_ms=ms) for ms in (-5.0, "7", None, True, "soon", [1])))
    assert (told["p50_ms"], told["p99_ms"]) == (7, 7)
