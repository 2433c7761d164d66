"""What the lines of the log add up to."""

from typing import Any

import pytest

from pytest_examday.contract.reference import LOG_FORMAT
from pytest_examday.observe.log_figures import Span, log_figures
from pytest_examday.observe.log_reading import LogLine, LogReading

COMPLETE = {"event": "request", "request_id": "ed-1", "route": "/v1/ready", "status": 200, "total_ms": 10.0}
OUTAGE = Span(10.0, 20.0)


def _request(at: float, **fields: object) -> LogLine:
    return LogLine("worker-1.log", at, {**COMPLETE, **fields})


def _slow(at: float, ms: float) -> LogLine:
    return LogLine("worker-2.log", at, {"event": "slow_sql", "ms": ms})


def _figures(*lines: LogLine, disturbed: tuple[Span, ...] = (OUTAGE,)) -> dict[str, Any]:
    return log_figures(LOG_FORMAT, LogReading(("worker-1.log",), list(lines), 0), disturbed)


def test_durations_are_those_of_the_requests() -> None:
    figures = _figures(*(_request(1, total_ms=float(ms)) for ms in range(1, 101)))
    assert (figures["p50_ms"], figures["p95_ms"], figures["p99_ms"]) == (51, 96, 100), "between two, the slower one"


@pytest.mark.parametrize(("ms", "slow", "very_slow"), [(100, 0, 0), (101, 1, 0), (300, 1, 0), (301, 1, 1)])
def test_a_query_is_slow_above_100_and_very_slow_above_300_ms(ms: float, slow: int, very_slow: int) -> None:
    figures = _figures(_slow(1, ms))
    assert (figures["slow_queries"], figures["very_slow_queries"]) == (slow, very_slow)


@pytest.mark.parametrize(("status", "total", "server"), [(200, 0, 0), (404, 1, 0), (503, 1, 1), (None, 1, 1)])
def test_a_request_that_ended_without_a_status_is_an_error_of_the_server(
    status: int | None, total: int, server: int
) -> None:
    figures = _figures(_request(1, status=status))
    assert (figures["total_errors"], figures["server_errors"], figures["error_rate"]) == (total, server, server)


@pytest.mark.parametrize(("at", "counted"), [(9.9, 1), (10, 0), (15, 0), (20, 0), (20.1, 1)])
def test_what_a_drill_disturbs_is_the_drills_to_judge(at: float, counted: int) -> None:
    figures = _figures(_request(at, status=503, total_ms=4_000.0), _slow(at, 4_000))
    assert (figures["server_errors"], figures["very_slow_queries"]) == (counted, counted)
    assert (figures["p95_ms"], figures["error_rate"]) == ((4_000, 1) if counted else (None, None))
    assert (figures["requests_logged"], figures["requests_disturbed"]) == (1, 1 - counted)


def test_each_of_several_drills_is_left_out() -> None:
    lines = [_request(at) for at in (5.0, 15.0, 25.0, 35.0)]
    assert _figures(*lines, disturbed=(OUTAGE, Span(30, 40)))["requests_disturbed"] == 2


def test_a_record_without_its_duration_is_no_audit_even_in_a_drill() -> None:
    assert _figures(_request(15, total_ms=None))["incomplete_records"] == 1


def test_without_requests_there_is_no_rate() -> None:
    figures = _figures()
    assert (figures["requests_logged"], figures["error_rate"], figures["p95_ms"]) == (0, None, None)
