"""A whole load in figures: one pass over its plan, one over its writes, one over its requests."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pytest_examday.evidence.figures import (
    Arrivals,
    Histogram,
    OperationFigures,
    Span,
    Stage,
    Window,
)
from pytest_examday.load.ledger import Write
from pytest_examday.load.load_plan import LoadPlan
from pytest_examday.load.request_figures import Overlaps, RequestCounts
from pytest_examday.load.samples import Sample, percentile


@dataclass(frozen=True)
class Clock:
    """The times of a load: when it began (epoch), its parts, each with its first and last second, the ramp and the
    windows in seconds."""

    begun: float
    sections: tuple[tuple[str, float, float], ...]
    ramp_seconds: float
    window_seconds: float

    def window(self, second: float) -> int:
        """The window that a second of the load falls into."""
        return max(0, int(second / self.window_seconds))


@dataclass
class Due:
    """What the plan had due: writes by window and by operation, and when each actor was to arrive and to begin."""

    by_window: Counter[int] = field(default_factory=Counter)
    by_operation: Counter[str] = field(default_factory=Counter)
    arrivals: dict[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, plans: Iterable[LoadPlan], clock: Clock) -> "Due":
        """Read what all actors intend."""
        due = cls()
        for plan in plans:
            for actor in plan.actors():
                due.arrivals[actor.name] = actor.arrives_at, actor.begins_at
                for operation, second in actor.writes:
                    due.by_operation[operation] += 1
                    due.by_window[clock.window(second)] += 1
        return due


class Begun:
    """Counts writes by the window in which they were begun. The ledger is the count: a double click is one write of
    two requests, and so is one with many retries."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by_window: Counter[int] = Counter()

    def noting(self, writes: Iterable[Write]) -> Iterator[Write]:
        """The writes, counted as they pass."""
        for write in writes:
            self.by_window[self._clock.window(write.sent_at - self._clock.begun)] += 1
            yield write


_Cell = tuple[str, int, bool]
"""Where a request is counted: its operation, the number of its section, whether it was sent after the ramp."""


class Requests:
    """All requests of a load by operation, section and ramp, and by window; windows know no response times.

    `arrival` is the operation with which an actor arrives (one who needs none begins with its first write), `doubled`
    the one that may be sent twice at the same moment, which is counted.
    """

    def __init__(self, clock: Clock, arrival: str, doubled: str) -> None:
        self._clock = clock
        self._arrival = arrival
        self._doubled = doubled
        self._cells: defaultdict[_Cell, RequestCounts] = defaultdict(RequestCounts)
        self._windows: defaultdict[int, RequestCounts] = defaultdict(RequestCounts)
        self._first: dict[str, tuple[float, str]] = {}
        self._overlaps = Overlaps()
        self._last = 0.0

    def read(self, samples: Iterable[Sample]) -> "Requests":
        """Count them all, in any order; returns itself.

        A load has millions of requests, so each is counted once, where its window and its cell meet, and these
        crossings, of which there are few, are added up to windows and to cells afterwards.
        """
        begins = [begin for _, begin, _ in self._clock.sections]
        begun, ramp_seconds = self._clock.begun, self._clock.ramp_seconds
        crossings: defaultdict[tuple[int, _Cell], RequestCounts] = defaultdict(RequestCounts)
        for sample in samples:
            second = sample.started - begun
            cell = (sample.operation, max(0, bisect_right(begins, second) - 1), second >= ramp_seconds)
            crossings[self._clock.window(second), cell].request(sample)
            if sample.response_ms is not None:
                self._cells[cell].response.record(sample.response_ms)
            self._note(sample, second)
        for (window, cell), counts in crossings.items():
            self._cells[cell].absorb(counts)
            self._windows[window].absorb(counts)
        return self

    def _note(self, sample: Sample, second: float) -> None:
        first = self._first.get(sample.actor)
        if first is None or sample.started < first[0]:
            self._first[sample.actor] = sample.started, sample.operation
        self._last = max(self._last, second)
        if sample.operation == self._doubled:
            self._overlaps.add(sample)

    @property
    def simultaneous(self) -> int:
        """How many `doubled` requests were sent while another of the same actor was under way."""
        return self._overlaps.count

    def overall(self) -> OperationFigures:
        """All operations over the whole load."""
        return _together(self._cells.values()).figures("all")

    def operations(self) -> tuple[OperationFigures, ...]:
        """Each operation over the whole load."""
        return _figures(self._by_operation())

    def steady(self) -> tuple[OperationFigures, ...]:
        """Each operation after the ramp."""
        return _figures(self._by_operation(steady=True))

    def histograms(self) -> tuple[Histogram, ...]:
        """The waits of each operation, over the whole load and after the ramp."""
        whole, steady = self._by_operation(), self._by_operation(steady=True)
        return (*_histograms(whole, "whole"), *_histograms(steady, "steady"))

    def sections(self) -> tuple[Stage, ...]:
        """What actors met in each part of the load; the last lasts until the last request was sent."""
        parts = self._clock.sections
        return tuple(
            self._section(number, name, begin, max(end, self._last) if number == len(parts) - 1 else end)
            for number, (name, begin, end) in enumerate(parts)
        )

    def _section(self, number: int, name: str, begin: float, end: float) -> Stage:
        by_operation = self._by_operation(section=number)
        return Stage(
            name=name,
            started=self._clock.begun + begin,
            ended=self._clock.begun + end,
            overall=_together(by_operation.values()).figures("all"),
            operations=_figures(by_operation),
        )

    def _by_operation(self, *, steady: bool | None = None, section: int | None = None) -> dict[str, RequestCounts]:
        groups: dict[str, list[RequestCounts]] = {}
        for (operation, number, after_ramp), counts in self._cells.items():
            if steady in (None, after_ramp) and section in (None, number):
                groups.setdefault(operation, []).append(counts)
        return {operation: _together(group) for operation, group in sorted(groups.items())}

    def windows(self, due: Due, begun: Begun) -> tuple[Window, ...]:
        """Slices of equal length from the beginning of the load, by the moment of sending; those in which nothing
        was due and nothing happened are left out. A slice that begins within the ramp belongs to it."""
        seconds = self._clock.window_seconds
        return tuple(
            Window(
                started=self._clock.begun + number * seconds,
                ended=self._clock.begun + (number + 1) * seconds,
                ramp=number * seconds < self._clock.ramp_seconds,
                figures=self._windows.get(number, RequestCounts()).figures("all"),
                planned=due.by_window[number],
                begun=begun.by_window[number],
            )
            for number in sorted({*self._windows, *due.by_window, *begun.by_window})
        )

    def arrivals(self, due: Due) -> Arrivals:
        """How late actors sent their first request: the arrival when they were to arrive, anything else (they needed
        none) when they were to begin."""
        late = sorted(
            max(0.0, started - self._clock.begun - due.arrivals[actor][operation != self._arrival]) * 1000
            for actor, (started, operation) in self._first.items()
            if actor in due.arrivals
        )
        return Arrivals(
            planned=len(due.arrivals),
            actual=len(late),
            late_p95_ms=percentile(late, 0.95),
            late_max_ms=percentile(late, 1.0),
        )


def _together(group: Iterable[RequestCounts]) -> RequestCounts:
    made = RequestCounts()
    for counts in group:
        made.absorb(counts)
    return made


def _figures(by_operation: Mapping[str, RequestCounts]) -> tuple[OperationFigures, ...]:
    return tuple(counts.figures(operation) for operation, counts in by_operation.items())


def _histograms(by_operation: Mapping[str, RequestCounts], span: Span) -> Iterator[Histogram]:
    for operation, counts in by_operation.items():
        if counts.service.count:
            yield counts.service.histogram(operation, "service", span)
        if counts.response.count:
            yield counts.response.histogram(operation, "response", span)
