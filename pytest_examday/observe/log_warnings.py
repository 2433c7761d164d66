"""Counts the lines by which a platform's log warns of a fault, by the clock of the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_examday.config.environment import Environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.clock_offsets import CLOCK_SECONDS, offset_of
from pytest_examday.observe.log_block import LogBlock, TimeSpan
from pytest_examday.observe.log_line import text_of
from pytest_examday.observe.log_reader import LogReader
from pytest_examday.observe.log_waiting import LONGEST_SECONDS, read_until_written
from pytest_examday.runtimes.base import Runtime

_BEFORE_SECONDS = 30.0
"""A log of which nothing was cut has lines of so long before a fault, because candidates work then."""
_LATE_SECONDS = 1.0
"""A worker may write a line so long after what it tells of."""
_WARNING = 500
"""How many characters of a warning are kept."""


def count_warnings(
    environment: Environment, runtime: Runtime, when: str, fault: TimeSpan, requests: Mapping[str, float]
) -> tuple[int | None, str | None]:
    """Count the lines of the fault's span for which the expression `when` is true; returns the count and one line.

    One second is added to the span, because a worker may write a line late. `requests` are ids of requests with the
    seconds since the epoch at which they ended by this machine's clock: the times of their lines show by how much the
    clock of a log is ahead or behind, and the span is moved by as much. If there is no warning, and the log has no line
    after the span yet, it is read again (`read_until_written`).

    Returns None and the reason if logs cannot be read, if they are not written to the end of the span, or if one of
    them begins within it; also if a log whose clock is unknown has warnings near the span alone.
    """
    try:
        warnings = read_until_written(
            environment,
            lambda: _read(environment, runtime, when, fault, requests),
            complete=lambda found: found.count > 0 or found.is_written,
            written=lambda found: found.is_written,
        ).reading
        return warnings.count_or_reason()
    except Unmeasurable as reason:
        return None, str(reason)


@dataclass
class _WarningsOfLog:
    """What one log has: its warnings, how far its clock is ahead by the line of each known request, and its latest
    time."""

    fault: TimeSpan
    warnings: list[LogBlock] = field(default_factory=list)
    ahead: list[float] = field(default_factory=list)
    newest: float | None = None

    @property
    def offset(self) -> float | None:
        """By how many seconds the clock is ahead of this machine's; None if it is unknown."""
        return offset_of(self.ahead)

    @property
    def span(self) -> TimeSpan:
        """The span of the fault by the clock of the log."""
        offset = self.offset or 0.0
        return TimeSpan(self.fault.began + offset, self.fault.ended + offset + _LATE_SECONDS)

    @property
    def near(self) -> TimeSpan:
        """The times that lines of the fault may have if the clock is unknown."""
        return TimeSpan(self.fault.began - CLOCK_SECONDS, self.fault.ended + CLOCK_SECONDS + _LATE_SECONDS)

    @property
    def written_until(self) -> float | None:
        """The time by this machine's clock until which the log is surely written; None if it has no line."""
        offset = CLOCK_SECONDS if self.offset is None else self.offset
        return None if self.newest is None else self.newest - offset

    def warnings_in(self, span: TimeSpan) -> list[LogBlock]:
        """The warnings of a span, in the order in which they were read."""
        return [found for block in self.warnings if len(found := block.between(*span))]

    def off_the_span(self) -> float | None:
        """How many seconds after the fault (negative: before it) a warning is dated that may be one of the fault; None
        if there is none, or if the clock is known."""
        if self.offset is not None:
            return None
        times = (at for block in self.warnings_in(self.near) for at in block.times)
        off = [at - self.fault.began if at < self.fault.began else at - self.fault.ended for at in times]
        return min(off, key=abs, default=None)


@dataclass
class _Warnings:
    """The warnings of a fault in each log, how many lines of the fault the logs have, and the reader."""

    fault: TimeSpan
    reader: LogReader
    logs: dict[str, _WarningsOfLog] = field(default_factory=dict)
    lines: int = 0

    def add(self, block: LogBlock, when: str, requests: Mapping[str, float]) -> None:
        """Note what some lines of a log show."""
        log = self.logs.setdefault(block.file, _WarningsOfLog(self.fault))
        if len(block):
            log.newest = block.last if log.newest is None else max(log.newest, block.last)
        if requests:
            named = zip(block.times, block.values(block.form.request_id), strict=True)
            log.ahead += [at - requests[str(name)] for at, name in named if str(name) in requests]
        self.lines += len(block.between(*log.near))
        warnings = block.where(when)
        if len(warnings):
            log.warnings.append(warnings)

    @property
    def _found(self) -> list[LogBlock]:
        return [block for log in self.logs.values() for block in log.warnings_in(log.span)]

    @property
    def count(self) -> int:
        """How many warnings there are in the span of the fault."""
        return sum(map(len, self._found))

    @property
    def is_written(self) -> bool:
        """Whether a log has a line from after the fault."""
        until = self._written_until
        return until is not None and until > self.fault.ended

    @property
    def _written_until(self) -> float | None:
        known = [log.written_until for log in self.logs.values() if log.written_until is not None]
        return max(known, default=None)

    def count_or_reason(self) -> tuple[int | None, str | None]:
        """The count and one line, or None and why no warning is no finding. Raises Unmeasurable if the log says
        nothing of the span."""
        found = self._found
        if found:
            return self.count, text_of(found[0].line(0))[:_WARNING]
        if not self.lines:
            self.reader.refuse_what_says_nothing()
        return self._why_none() or (0, None)

    def _why_none(self) -> tuple[None, str] | None:
        off = [seconds for log in self.logs.values() if (seconds := log.off_the_span()) is not None]
        if off:
            side = "before" if off[0] < 0 else "after"
            message = f"a warning is dated {abs(off[0]):.0f} s {side} the fault, and the log has no request"
            return None, f"{message} that would show by how much its clock is off"
        if not self.is_written:
            return None, self._why_unwritten()
        late = {
            file: first.at - self.logs[file].span.began
            for file, first in self.reader.beginnings.items()
            if file in self.logs
        }
        file = max(late, key=lambda name: late[name], default=None)
        if file is not None and late[file] > 0:
            return None, f"{file} begins {late[file]:.0f} s after the fault: it was rotated or cut"
        return None

    def _why_unwritten(self) -> str:
        until, waited = self._written_until, f"none was written in {LONGEST_SECONDS:.0f} s"
        if until is None:
            return f"the log has no line from after the fault, and {waited}"
        if all(log.offset is None for log in self.logs.values()):
            message = f"the log has no line from {CLOCK_SECONDS:.0f} s after the fault"
            return f"{message}, and nothing shows by how much its clock is off; {waited}"
        before = self.fault.ended - until
        return f"the log has no line from after the fault, the last one {before:.0f} s before it, and {waited}"


def _read(
    environment: Environment, runtime: Runtime, when: str, fault: TimeSpan, requests: Mapping[str, float]
) -> _Warnings:
    reader = LogReader(environment, runtime, lambda form: (when, form.request_id))
    warnings = _Warnings(fault, reader)
    for block in reader.blocks(fault.began - _BEFORE_SECONDS):
        warnings.add(block, when, requests)
    return warnings
