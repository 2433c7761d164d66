"""The figures of a rehearsal's log lines: durations, slow queries, errors.

The limits of seed 000, phase 6 are those of a platform without a fault. So lines that were logged while a drill's fault
was in, or before the platform had recovered from it, are counted and left out of the figures; the drill judges them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.load.samples import percentile
from pytest_examday.observe.log_fields import number_in, status_of
from pytest_examday.observe.log_reading import LogLine, LogReading

_NOT_FOUND = 404
_SLOW_MS, _VERY_SLOW_MS = 100, 300
"""Seed 000, phase 6: slow queries > 100 ms, very slow queries > 300 ms."""


class Span(NamedTuple):
    """The time in which a drill disturbed the platform, in seconds since the epoch."""

    began: float
    ended: float


def requests_in(form: LogFormat, reading: LogReading) -> list[LogLine]:
    """The lines that log a request."""
    return [line for line in reading.lines if line.get(form.request_when)]


def log_figures(form: LogFormat, reading: LogReading, disturbed: Sequence[Span]) -> dict[str, object]:
    """Those fields of `ObservabilityEvidence` that are computed from log lines alone."""
    requests = requests_in(form, reading)
    judged = _quiet(requests, disturbed)
    return {
        "log_files": tuple(sorted({line.file for line in reading.lines})),
        "log_lines": len(reading.lines),
        "unreadable_lines": reading.unreadable,
        "requests_logged": len(requests),
        "requests_disturbed": len(requests) - len(judged),
        "incomplete_records": sum(not _complete(form, line) for line in requests),
        **_durations(form, judged),
        **_slow(form, _quiet(reading.lines, disturbed)),
        **_errors(form, judged),
    }


def _quiet(lines: list[LogLine], disturbed: Sequence[Span]) -> list[LogLine]:
    return [line for line in lines if not any(span.began <= line.at <= span.ended for span in disturbed)]


def _durations(form: LogFormat, requests: list[LogLine]) -> dict[str, float | None]:
    waits = sorted(ms for line in requests if (ms := number_in(line, form.total_ms)) is not None and ms >= 0)
    return {f"p{part}_ms": percentile(waits, part / 100) for part in (50, 95, 99)}


def _slow(form: LogFormat, lines: list[LogLine]) -> dict[str, int]:
    slow = [number_in(line, form.slow_sql_ms) or 0.0 for line in lines if line.get(form.slow_sql_when)]
    return {
        "slow_queries": sum(ms > _SLOW_MS for ms in slow),
        "very_slow_queries": sum(ms > _VERY_SLOW_MS for ms in slow),
    }


def _errors(form: LogFormat, requests: list[LogLine]) -> dict[str, float | None]:
    """Errors among these requests. A request without a status counts as a server error."""
    statuses = [500 if status is None else status for status in (status_of(form, line) for line in requests)]
    of_server = sum(status >= 500 for status in statuses)
    return {
        "total_errors": sum(status >= 400 for status in statuses),
        "server_errors": of_server,
        "error_rate": of_server / len(requests) if requests else None,
    }


def _complete(form: LogFormat, line: LogLine) -> bool:
    """Whether a line has all that an audit needs: request id, route, status and duration. A path that the platform does
    not know has no route."""
    status = status_of(form, line)
    told = (line.get(form.request_id), status, number_in(line, form.total_ms))
    return None not in told and (line.get(form.route) is not None or status == _NOT_FOUND)
