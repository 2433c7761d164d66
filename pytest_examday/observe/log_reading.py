"""Reads the platform's own log lines, as the configured log format describes them."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.contract.operations import search
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Runtime


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
    """The lines of one span of time. `unreadable` counts lines that are not JSON objects or have no time."""

    files: tuple[str, ...]
    lines: list[LogLine]
    unreadable: int


def read_logs(environment: Environment, runtime: Runtime, since: float, until: float | None = None) -> LogReading:
    """The lines written from `since` to `until` (seconds since the epoch; None: no end).

    Raises Unmeasurable if the environment has no log that can be read.
    """
    sources = runtime.log_sources()
    if not sources:
        raise Unmeasurable(f"no log files are known; set env.{environment.name}.logs")
    reading = LogReading(sources, [], 0)
    for source in sources:
        for body in _objects(runtime.logs(source, since), reading):
            at = _time(search(environment.platform.log_format.timestamp, body))
            if at is None:
                reading.unreadable += 1
            elif since <= at and (until is None or at <= until):
                reading.lines.append(LogLine(Path(source).name, at, body))
    return reading


def _objects(lines: Iterator[str], reading: LogReading) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            body = json.loads(line)
        except ValueError:
            body = None  # a traceback between JSON lines, or a line that a killed process did not finish
        if isinstance(body, dict):
            yield body
        else:
            reading.unreadable += 1


def _time(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None


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
