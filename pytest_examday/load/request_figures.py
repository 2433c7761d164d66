"""From requests to figures, one request at a time: a load may have a million."""

from collections.abc import Iterable

from pytest_examday.evidence.figures import (
    ERRORS,
    OperationFigures,
    Outcome,
    status_class,
)
from pytest_examday.load.samples import Sample
from pytest_examday.load.waits import Waits


class RequestCounts:
    """Requests counted by how they ended, with their service times and the response times of their actions.

    A 429 counts apart and never enters the service time; an action that ended with one keeps its response time, for
    somebody waited it out. `ends` counts requests by outcome and status.
    """

    __slots__ = ("ends", "response", "service")

    def __init__(self) -> None:
        self.ends: dict[tuple[Outcome, int | None], int] = {}
        self.service = Waits()
        self.response = Waits()

    def add(self, sample: Sample) -> None:
        """Count one request, and the action that it ended."""
        self.request(sample)
        if sample.response_ms is not None:
            self.response.record(sample.response_ms)

    def request(self, sample: Sample) -> None:
        """Count one request alone."""
        end = (sample.outcome, sample.status)
        self.ends[end] = self.ends.get(end, 0) + 1
        if sample.outcome != "limited":
            self.service.record(sample.ms)

    def absorb(self, other: "RequestCounts") -> None:
        """Count all requests of another one too."""
        for end, count in other.ends.items():
            self.ends[end] = self.ends.get(end, 0) + count
        self.service.absorb(other.service)
        self.response.absorb(other.response)

    def figures(self, operation: str) -> OperationFigures:
        """What the requests add up to."""
        outcomes, statuses = self._by_outcome(), self._by_status()
        p50, p95, p99 = self.service.percentiles(0.5, 0.95, 0.99)
        response_p50, response_p95, response_p99 = self.response.percentiles(0.5, 0.95, 0.99)
        return OperationFigures(
            operation=operation,
            requests=sum(outcomes.values()),
            succeeded=outcomes.get("ok", 0),
            errors=sum(outcomes.get(outcome, 0) for outcome in ERRORS),
            limited=outcomes.get("limited", 0),
            by_outcome=outcomes,
            by_status=statuses,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            max_ms=self.service.longest_ms if self.service.count else None,
            responses=self.response.count,
            response_p50_ms=response_p50,
            response_p95_ms=response_p95,
            response_p99_ms=response_p99,
            response_max_ms=self.response.longest_ms if self.response.count else None,
        )

    def _by_outcome(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for (outcome, _), count in self.ends.items():
            counts[outcome] = counts.get(outcome, 0) + count
        return counts

    def _by_status(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for (outcome, status), count in self.ends.items():
            name = status_class(status, outcome)
            counts[name] = counts.get(name, 0) + count
        return dict(sorted(counts.items()))


class Overlaps:
    """Counts requests that were sent while another of the same actor was under way: real double clicks.

    Requests may come in any order; of each actor only the spans of time in which something was under way are kept.
    """

    def __init__(self) -> None:
        self.count = 0
        self._busy: dict[str, list[tuple[float, float]]] = {}

    def add(self, sample: Sample) -> None:
        """Note one request."""
        started, ended = sample.started, sample.ended
        apart = []
        for begin, end in self._busy.get(sample.actor, ()):
            if started < end and begin < ended:
                self.count += 1
                started, ended = min(started, begin), max(ended, end)
            else:
                apart.append((begin, end))
        self._busy[sample.actor] = [*apart, (started, ended)]


def figures(operation: str, samples: Iterable[Sample]) -> OperationFigures:
    """The figures of these samples."""
    counts = RequestCounts()
    for sample in samples:
        counts.add(sample)
    return counts.figures(operation)


def by_operation(samples: Iterable[Sample]) -> tuple[OperationFigures, ...]:
    """The figures of each operation that occurs."""
    by_name: dict[str, RequestCounts] = {}
    for sample in samples:
        by_name.setdefault(sample.operation, RequestCounts()).add(sample)
    return tuple(counts.figures(operation) for operation, counts in sorted(by_name.items()))
