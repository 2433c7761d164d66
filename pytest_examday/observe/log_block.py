"""Some lines of one log, read by columns: the values of one field of all lines are one list."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.observe.line_decoder import LineDecoder, Row
from pytest_examday.observe.log_line import lines_of
from pytest_examday.observe.text_decoder import TextDecoder


class TimeSpan(NamedTuple):
    """A span of time, in seconds since the epoch."""

    began: float
    ended: float


@dataclass(frozen=True)
class LogBlock:
    """Lines of the log `file` in their order, with their rows and with the times at which they were written, in seconds
    since the epoch.

    `raw` are the bytes that were read, with what could not be read as a line; `numbers` are the places of the lines
    among all lines of `raw` that are not empty.
    """

    file: str
    raw: bytes
    numbers: Sequence[int]
    rows: Sequence[Row]
    times: Sequence[float]
    decoder: LineDecoder | TextDecoder
    form: LogFormat
    _columns: dict[str, list[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    def values(self, expression: str | None) -> list[Any]:
        """The value of the expression in each of the lines; None for a field that the log format lacks."""
        if expression is None:
            return [None] * len(self)
        if expression not in self._columns:
            self._columns[expression] = self.decoder.values(expression, self.rows)
        return self._columns[expression]

    def line(self, number: int) -> bytes:
        """One of the lines, as it was read."""
        return lines_of(self.raw)[self.numbers[number]]

    def body(self, number: int) -> dict[str, Any]:
        """All that one of the lines holds."""
        return self.decoder.body(self.line(number)) or {}

    @property
    def requests(self) -> "LogBlock":
        """The lines that log a request."""
        return self.where(self.form.is_request)

    def where(self, expression: str) -> "LogBlock":
        """The lines for which the expression is true."""
        return self._those(self.values(expression))

    @cached_property
    def first(self) -> float:
        """The earliest of the times; infinity if there is no line."""
        return min(self.times, default=math.inf)

    @cached_property
    def last(self) -> float:
        """The latest of the times; minus infinity if there is no line."""
        return max(self.times, default=-math.inf)

    def between(self, since: float, until: float) -> "LogBlock":
        """The lines that were written from `since` to `until`."""
        if since <= self.first and self.last <= until:
            return self
        return self._those([since <= at <= until for at in self.times])

    def outside(self, spans: Sequence[TimeSpan]) -> "LogBlock":
        """The lines that were written in none of the spans."""
        overlapping = [span for span in spans if span.began <= self.last and self.first <= span.ended]
        if not overlapping:
            return self
        return self._those([not any(span.began <= at <= span.ended for span in overlapping) for at in self.times])

    def _those(self, chosen: Sequence[Any]) -> "LogBlock":
        if all(chosen):
            return self
        numbers, rows, times = (list(compress(column, chosen)) for column in (self.numbers, self.rows, self.times))
        return replace(self, numbers=numbers, rows=rows, times=times)
