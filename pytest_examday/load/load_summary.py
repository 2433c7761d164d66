"""The figures of a whole load, from one pass over its plan, one over its writes and one over its requests."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pytest_examday.evidence.figures import (
    ActorWait,
    Arrivals,
    ErrorCount,
    Histogram,
    HistogramSpan,
    LoadPart,
    OperationFigures,
    Window,
)
from pytest_examday.load.actor_waits import ActorWaits
from pytest_examday.load.ledger import Write
from pytest_examday.load.load_plan import LoadPlan
from pytest_examday.load.request_figures import Overlaps, RequestCounts
from pytest_examday.load.samples import Sample, percentile


@dataclass(frozen=True)
class LoadTimes:
    """The times of a load."""

    begun: float
    """Seconds since the epoch."""
    parts: tuple[tuple[str, float, float], ...]
    """The parts of the load, each with its name, first and last second."""
    ramp_seconds: float
    """How long the ramp lasts."""
    window_seconds: float
    """How long each window is."""

    def window(self, second: float) -> int:
        """The number of the window that holds this second of the load."""
        return max(0, int(second / self.window_seconds))


@dataclass
class PlannedWrites:
    """The writes and arrivals of a plan."""

    by_window: Counter[int] = field(default_factory=Counter)
    """Number of a window -> writes that are due in it."""
    by_operation: Counter[str] = field(default_factory=Counter)
    arrivals: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Actor -> the seconds of its arrival and of its first write."""

    @classmethod
    def of(cls, plans: Iterable[LoadPlan], times: LoadTimes) -> "PlannedWrites":
        """Count the writes and arrivals of all actors of the plans."""
        planned = cls()
        for plan in plans:
            for actor in plan.actors():
                planned.arrivals[actor.name] = actor.arrives_at, actor.begins_at
                for operation, second in actor.writes:
                    planned.by_operation[operation] += 1
                    planned.by_window[times.window(second)] += 1
        return planned


class BegunWrites:
    """Counts writes by the window in which they were begun. Writes are counted, not requests: a double click and a
    write that was sent again are each one write with several requests."""

    def __init__(self, times: LoadTimes) -> None:
        self._times = times
        self.by_window: Counter[int] = Counter()

    def counted(self, writes: Iterable[Write]) -> Iterator[Write]:
        """Yield the writes unchanged, and count them."""
        for write in writes:
            self.by_window[self._times.window(write.sent_at - self._times.begun)] += 1
            yield write


_Cell = tuple[str, int, bool]
"""The group of a request: its operation, the number of its section, and whether it was sent after the ramp."""


class RequestSummary:
    """Counts all requests of a load by operation, section and ramp, and by window. Windows have no response times.

    `arrival` is the operation with which an actor arrives; an actor that needs none begins with its first write.
    `doubled` is the operation that actors may send twice at the same moment; `simultaneous` counts how often they did.
    """

    def __init__(self, times: LoadTimes, arrival: str, doubled: str) -> None:
        self._times = times
        self._arrival = arrival
        self._doubled = doubled
        self._cells: defaultdict[_Cell, RequestCounts] = defaultdict(RequestCounts)
        self._windows: defaultdict[int, RequestCounts] = defaultdict(RequestCounts)
        self._ended: defaultdict[int, defaultdict[str, Counter[bool]]] = defaultdict(lambda: defaultdict(Counter))
        self._first: dict[str, tuple[float, str]] = {}
        self._overlaps = Overlaps()
        self._waits = ActorWaits()
        self._last = 0.0

    def read(self, samples: Iterable[Sample]) -> "RequestSummary":
        """Count all requests, in any order; returns this object.

        A load has millions of requests. So each is counted once, under its window and cell together. There are few such
        pairs, and their counts are added up afterwards, once for the windows and once for the cells.
        """
        begins = [begin for _, begin, _ in self._times.parts]
        begun, ramp_seconds = self._times.begun, self._times.ramp_seconds
        pairs: defaultdict[tuple[int, _Cell], RequestCounts] = defaultdict(RequestCounts)
        for sample in samples:
            second = sample.started - begun
            cell = (sample.operation, max(0, bisect_right(begins, second) - 1), second >= ramp_seconds)
            pairs[self._times.window(second), cell].request(sample)
            if sample.response_ms is not None:
                self._cells[cell].response.record(sample.response_ms)
            self._note(sample, second)
        for (window, cell), counts in pairs.items():
            self._cells[cell].absorb(counts)
            self._windows[window].absorb(counts)
            self._ended[window][cell[0]].update(counts.failed())
        return self

    def _note(self, sample: Sample, second: float) -> None:
        first = self._first.get(sample.actor)
        if first is None or sample.started < first[0]:
            self._first[sample.actor] = sample.started, sample.operation
        self._last = max(self._last, second)
        if sample.operation == self._doubled:
            self._overlaps.add(sample)
        if second >= self._times.ramp_seconds and sample.outcome != "limited":
            self._waits.add(sample.actor, sample.ms)

    def slowest_actors(self) -> tuple[ActorWait, ...]:
        """The actors who waited longest for most of their requests after the ramp."""
        return self._waits.longest()

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

    def after_ramp(self) -> tuple[OperationFigures, ...]:
        """Each operation after the ramp."""
        return _figures(self._by_operation(ramp=False))

    def histograms(self) -> tuple[Histogram, ...]:
        """The waits of each operation, over the whole load and after the ramp."""
        whole, after_ramp = self._by_operation(), self._by_operation(ramp=False)
        return (*_histograms(whole, "whole"), *_histograms(after_ramp, "steady"))

    def parts(self) -> tuple[LoadPart, ...]:
        """The figures of each part of the load. The last part lasts until the last request was sent."""
        parts = self._times.parts
        return tuple(
            self._part(number, name, begin, max(end, self._last) if number == len(parts) - 1 else end)
            for number, (name, begin, end) in enumerate(parts)
        )

    def _part(self, number: int, name: str, begin: float, end: float) -> LoadPart:
        by_operation = self._by_operation(part=number)
        return LoadPart(
            name=name,
            started=self._times.begun + begin,
            ended=self._times.begun + end,
            overall=_together(by_operation.values()).figures("all"),
            operations=_figures(by_operation),
        )

    def _by_operation(self, *, ramp: bool | None = None, part: int | None = None) -> dict[str, RequestCounts]:
        groups: dict[str, list[RequestCounts]] = {}
        for (operation, number, after_ramp), counts in self._cells.items():
            if ramp in (None, not after_ramp) and part in (None, number):
                groups.setdefault(operation, []).append(counts)
        return {operation: _together(group) for operation, group in sorted(groups.items())}

    def windows(self, planned: PlannedWrites, begun: BegunWrites) -> tuple[Window, ...]:
        """The figures of each window. A request belongs to the window in which it was sent.

        Windows in which nothing was due and nothing happened are left out. A window that begins within the ramp belongs
        to the ramp.
        """
        seconds = self._times.window_seconds
        return tuple(
            Window(
                started=self._times.begun + number * seconds,
                ended=self._times.begun + (number + 1) * seconds,
                ramp=number * seconds < self._times.ramp_seconds,
                figures=self._windows.get(number, RequestCounts()).figures("all"),
                planned=planned.by_window[number],
                begun=begun.by_window[number],
                operations=self._operations_in(number),
            )
            for number in sorted({*self._windows, *planned.by_window, *begun.by_window})
        )

    def _operations_in(self, window: int) -> dict[str, ErrorCount]:
        ended: Mapping[str, Counter[bool]] = self._ended.get(window, {})
        return {
            operation: ErrorCount(judged=counts.total(), errors=counts[True])
            for operation, counts in sorted(ended.items())
        }

    def arrivals(self, planned: PlannedWrites) -> Arrivals:
        """How late actors sent their first request.

        The operation `arrival` is compared with the planned time of arrival. Any other first request comes from an
        actor that needed no arrival, and is compared with the planned time of its first write.
        """
        late = sorted(
            max(0.0, started - self._times.begun - planned.arrivals[actor][operation != self._arrival]) * 1000
            for actor, (started, operation) in self._first.items()
            if actor in planned.arrivals
        )
        return Arrivals(
            planned=len(planned.arrivals),
            actual=len(late),
            late_p95_ms=percentile(late, 0.95),
            late_max_ms=percentile(late, 1.0),
        )


def _together(group: Iterable[RequestCounts]) -> RequestCounts:
    total = RequestCounts()
    for counts in group:
        total.absorb(counts)
    return total


def _figures(by_operation: Mapping[str, RequestCounts]) -> tuple[OperationFigures, ...]:
    return tuple(counts.figures(operation) for operation, counts in by_operation.items())


def _histograms(by_operation: Mapping[str, RequestCounts], span: HistogramSpan) -> Iterator[Histogram]:
    for operation, counts in by_operation.items():
        if counts.service.count:
            yield counts.service.histogram(operation, "service", span)
        if counts.response.count:
            yield counts.response.histogram(operation, "response", span)
