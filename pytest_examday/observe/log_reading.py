"""Reads the platform's own log lines, as the configured log format describes them."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.contract.operations import search
from pytest_examday.contract.values import LARGEST_SECONDS
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Runtime

_HALF_HOUR = 1800
_LARGEST_ZONE = 28
"""Half hours: no time zone is more than 14 hours from UTC."""
_CLOCK_SECONDS = 300
_SAMPLE = 120
"""How many characters of an unreadable line are told."""


@dataclass(frozen=True)
class LogLine:
    """One JSON line of a log file. `at` is when it was written, seconds since the epoch."""

    file: str
    at: float
    body: dict[str, Any]

    def get(self, expression: str) -> Any:
        """The value of a JMESPath expression in this line."""
        return search(expression, self.body)


@dataclass
class LogReading:
    """The lines of one span of time. `unreadable` counts lines that are not JSON objects or have no time, and
    `sample` is the first of them. `newest` is the latest time of all lines, also of those before the span."""

    files: tuple[str, ...]
    lines: list[LogLine]
    unreadable: int
    sample: str | None = None
    newest: float | None = None

    def note_unreadable(self, line: str) -> None:
        """Count a line that cannot be used."""
        self.unreadable += 1
        self.sample = self.sample or line[:_SAMPLE]


def read_logs(environment: Environment, runtime: Runtime, since: float, until: float | None = None) -> LogReading:
    """The lines written from `since` to `until` (seconds since the epoch; None: no end).

    Raises Unmeasurable if the environment has no log that can be read, if no line of it can be read by the log format,
    or if its times are those of another time zone.
    """
    sources = runtime.log_sources()
    if not sources:
        raise Unmeasurable(_no_log(environment))
    reading = LogReading(sources, [], 0)
    for line in _dated_lines(environment, runtime, since, reading):
        reading.newest = max(line.at, reading.newest or line.at)
        if since <= line.at and (until is None or line.at <= until):
            reading.lines.append(line)
    if not reading.lines:
        _refuse_what_says_nothing(environment, reading, since)
    return reading


def all_lines(environment: Environment, runtime: Runtime, since: float) -> Iterator[LogLine]:
    """The lines that were written since then (seconds since the epoch), whatever time they tell, and some older ones.
    Lines that cannot be read are left out."""
    return _dated_lines(environment, runtime, since, LogReading(runtime.log_sources(), [], 0))


def _dated_lines(environment: Environment, runtime: Runtime, since: float, reading: LogReading) -> Iterator[LogLine]:
    """The lines that have a time; what cannot be read is noted in `reading`."""
    for source in reading.files:
        for body in _objects(runtime.logs(source, since), reading):
            at = _time(search(environment.platform.log_format.timestamp, body))
            if at is None:
                reading.note_unreadable(json.dumps(body))
            else:
                yield LogLine(Path(source).name, at, body)


def _no_log(environment: Environment) -> str:
    if environment.logs:
        return f"env.{environment.name}.logs: no file matches {', '.join(environment.logs)}"
    return f"no log files are known; set env.{environment.name}.logs"


def _refuse_what_says_nothing(environment: Environment, reading: LogReading, since: float) -> None:
    """Raise Unmeasurable where a log has lines and none of the span, and what they are tells why."""
    if reading.newest is None and reading.unreadable:
        raise Unmeasurable(
            f"no line of {reading.unreadable} could be read by the log format "
            f"{environment.platform.log_format.name!r}, for instance {reading.sample!r}"
        )
    if reading.newest is None:
        return
    halves = round((reading.newest - time.time()) / _HALF_HOUR)
    off = reading.newest - time.time() - halves * _HALF_HOUR
    if halves and abs(halves) <= _LARGEST_ZONE and abs(off) <= _CLOCK_SECONDS:
        way = "ahead of" if halves > 0 else "behind"
        raise Unmeasurable(
            f"the newest line of the log is {abs(halves) / 2:g} h {way} this machine's clock: its times seem to be "
            "those of another time zone, without naming it"
        )
    raise Unmeasurable(
        f"the newest line of the log is {time.time() - reading.newest:.0f} s behind this machine's clock: the clock of "
        "the log is wrong, or nothing is logged any more"
    )


def _objects(lines: Iterator[str], reading: LogReading) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            body = json.loads(line)
        except ValueError:
            body = None  # a traceback between JSON lines, or a line that a killed process did not finish
        if isinstance(body, dict):
            yield body
        else:
            reading.note_unreadable(line)


def _time(value: Any) -> float | None:
    """Seconds since the epoch, of seconds, milliseconds or a text as ISO 8601 has it; None for anything else."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            at = float(value) / (1000 if abs(value) > LARGEST_SECONDS else 1)
        else:
            at = datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if math.isfinite(at) else None


def count_warnings(
    environment: Environment, runtime: Runtime, when: str, since: float, until: float
) -> tuple[int | None, str | None]:
    """Count the lines from `since` to `until` for which the expression `when` is true; returns the count and one line.

    Returns None and the reason if logs cannot be read. One second is added to the span, and waited for, because a
    worker may write a line late.
    """
    time.sleep(1)
    try:
        lines = [line for line in read_logs(environment, runtime, since, until + 1).lines if line.get(when)]
    except Unmeasurable as reason:
        return None, str(reason)
    return len(lines), json.dumps(lines[0].body)[:500] if lines else None
