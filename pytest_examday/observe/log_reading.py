"""The platform's own log lines, read through the log record."""

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
    """One JSON line and when it was written, seconds since the epoch."""

    file: str
    at: float
    body: dict[str, Any]

    def get(self, expression: str) -> Any:
        """What the line holds at that place."""
        return search(expression, self.body)


@dataclass
class LogReading:
    """The lines of one span of time."""

    files: tuple[str, ...]
    lines: list[LogLine]
    unreadable: int


def read_logs(environment: Environment, runtime: Runtime, since: float, until: float | None = None) -> LogReading:
    """Every line written in the span; lines that are not JSON objects or have no time are counted as unreadable.

    Raises Unmeasurable where the environment has no log that can be read.
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
            body = None  # a traceback between JSON lines, or a line cut by a kill
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
    """How many lines of that kind were written in the span, and one of them; (None, reason) where logs cannot be
    read. A second's grace at the end, for what a worker writes late."""
    time.sleep(1)
    try:
        lines = [line for line in read_logs(environment, runtime, since, until + 1).lines if line.get(when)]
    except Unmeasurable as reason:
        return None, str(reason)
    return len(lines), json.dumps(lines[0].body)[:500] if lines else None
