"""Reads the platform's own log lines, as the configured log format describes them, once and block by block."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from pytest_examday.config.environment import Environment
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.line_decoder import LineDecoder, Row
from pytest_examday.observe.log_block import LogBlock
from pytest_examday.observe.log_line import lines_of, text_of
from pytest_examday.observe.log_sources import log_sources
from pytest_examday.observe.log_times import moments
from pytest_examday.observe.text_decoder import TextDecoder
from pytest_examday.runtimes.base import Runtime

_HALF_HOUR = 1800
_LARGEST_ZONE = 28
"""In half hours: no time zone is more than 14 hours from UTC."""
_CLOCK_SECONDS = 300
_SAMPLE = 120
"""How many characters of an unreadable line a message quotes."""


def decoder_of(form: LogFormat, expressions: Iterable[str]) -> LineDecoder | TextDecoder:
    """The decoder for the lines of a log format, for the values of these expressions and for the time."""
    places = {form.timestamp, *expressions}
    return LineDecoder(places) if form.pattern is None else TextDecoder(form.pattern, places)


class LogBeginning(NamedTuple):
    """The first line of a log by its time, in seconds since the epoch."""

    file: str
    at: float
    line: str


class LogReader:
    """One pass over the lines of a platform's logs. Of the lines of a format, the values of `places(format)` are read;
    None stands for a field that the format lacks.

    While `blocks` is read, `unreadable` counts lines that are not as the log format says or have no time, `undated`
    those of them that have no time, and `sample` is the first of them, cut. `newest` is the latest time of all lines.
    `beginnings` has the first line of each log. `formats` are those of the logs.
    """

    def __init__(
        self, environment: Environment, runtime: Runtime, places: Callable[[LogFormat], Iterable[str | None]]
    ) -> None:
        """Raises Unmeasurable if the environment has no log that can be read."""
        self._runtime = runtime
        self._sources = log_sources(environment, runtime)
        self._places = places
        self.formats = tuple({source.form.name: source.form for source in self._sources}.values())
        self.unreadable = self.undated = 0
        self.sample: str | None = None
        self._undated: str | None = None
        self.newest: float | None = None
        self.beginnings: dict[str, LogBeginning] = {}
        if not self._sources:
            raise Unmeasurable(_no_log(environment))

    def blocks(self, since: float) -> Iterator[LogBlock]:
        """All lines that were written at `since` (seconds since the epoch) or later, and some older ones.

        Raises Unmeasurable if a log cannot be read.
        """
        for source in self._sources:
            decoder = decoder_of(source.form, filter(None, self._places(source.form)))
            for raw in self._runtime.log_blocks(source.name, since):
                block = self._dated(Path(source.name).name, raw, decoder, source.form)
                if len(block):
                    self.newest = block.last if self.newest is None else max(self.newest, block.last)
                    self._note_beginning(block)
                yield block

    def _note_beginning(self, block: LogBlock) -> None:
        earlier = self.beginnings.get(block.file)
        if earlier is None or block.first < earlier.at:
            line = text_of(block.line(block.times.index(block.first)))[:_SAMPLE]
            self.beginnings[block.file] = LogBeginning(block.file, block.first, line)

    def refuse_what_says_nothing(self) -> None:
        """Raise Unmeasurable if the log has lines, with the reason why none of them belongs to the time span. Call it
        if no line of the span was found."""
        if self.newest is None and self.unreadable:
            raise Unmeasurable(self._nothing_read())
        if self.newest is not None:
            _refuse_the_clock(self.newest)

    def _nothing_read(self) -> str:
        names = ", ".join(repr(form.name) for form in self.formats)
        if not self.undated:
            return f"no line of {self.unreadable} could be read by the log format {names}, for instance {self.sample!r}"
        places = ", ".join(form.timestamp for form in self.formats)
        return (
            f"{self.undated} of {self.unreadable} lines are as the log format {names} says, but none has a time that "
            f"can be read at `timestamp` ({places}): correct the key, or let the platform write the time into each "
            f"line; for instance {self._undated!r}"
        )

    def _dated(self, file: str, raw: bytes, decoder: LineDecoder | TextDecoder, form: LogFormat) -> LogBlock:
        rows = decoder.rows(raw)
        numbers, rows = self._readable(raw, range(len(rows)), rows, rows)
        times = moments(decoder.values(form.timestamp, rows), form.time_format)
        if None in times:
            self.undated += times.count(None)
            self._undated = self._undated or text_of(lines_of(raw)[numbers[times.index(None)]])[:_SAMPLE]
        numbers, rows = self._readable(raw, numbers, rows, times)
        known_times = [at for at in times if at is not None]
        return LogBlock(file, raw, numbers, rows, known_times, decoder, form)

    def _readable(
        self, raw: bytes, numbers: Sequence[int], rows: list[Row], read: Sequence[Row | float | None]
    ) -> tuple[Sequence[int], list[Row]]:
        """The lines from which something could be read; the others are noted."""
        if all(read):  # as a rule, and sooner known than that none of them is None
            return numbers, rows
        readable = [row is not None for row in read]
        self.unreadable += readable.count(False)
        if self.sample is None and not all(readable):
            self.sample = text_of(lines_of(raw)[numbers[readable.index(False)]])[:_SAMPLE]
        return list(compress(numbers, readable)), list(compress(rows, readable))


def _no_log(environment: Environment) -> str:
    if environment.logs:
        return f"env.{environment.name}.logs: no file matches {', '.join(environment.logs)}"
    return f"no log files are known; set env.{environment.name}.logs or env.{environment.name}.log_command"


def _refuse_the_clock(newest: float) -> None:
    halves = round((newest - time.time()) / _HALF_HOUR)
    off = newest - time.time() - halves * _HALF_HOUR
    if halves and abs(halves) <= _LARGEST_ZONE and abs(off) <= _CLOCK_SECONDS:
        way = "ahead of" if halves > 0 else "behind"
        raise Unmeasurable(
            f"the newest line of the log is {abs(halves) / 2:g} h {way} this machine's clock: its times seem to be "
            "those of another time zone, without naming it"
        )
    raise Unmeasurable(
        f"the newest line of the log is {time.time() - newest:.0f} s behind this machine's clock: the clock of "
        "the log is wrong, or nothing is logged any more"
    )
