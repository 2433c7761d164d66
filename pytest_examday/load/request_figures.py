"""Adds up requests to figures. It reads one request at a time, because a load may have millions."""

from collections import Counter
from collections.abc import Iterable

from pytest_examday.evidence.figures import (
    ERRORS,
    UNJUDGED,
    OperationFigures,
    RequestOutcome,
    status_class,
)
from pytest_examday.load.samples import Sample
from pytest_examday.load.wait_histogram import WaitHistogram


class RequestCounts:
    """Counts requests by how they ended, with their service times and the response times of their actions.

    A 429 has no service time, because the platform did not do the work. An action that ended with a 429 has a response
    time, because its actor waited. `ends` counts requests by outcome and status.
    """

    __slots__ = ("ends", "response", "service")

    def __init__(self) -> None:
        self.ends: dict[tuple[RequestOutcome, int | None], int] = {}
        self.service = WaitHistogram()
        self.response = WaitHistogram()

    def add(self, sample: Sample) -> None:
        """Count one request, and its action if the request ended it."""
        self.request(sample)
        if sample.response_ms is not None:
            self.response.record(sample.response_ms)

    def request(self, sample: Sample) -> None:
        """Count one request without its action."""
        end = (sample.outcome, sample.status)
        self.ends[end] = self.ends.get(end, 0) + 1
        if sample.outcome != "limited":
            self.service.record(sample.ms)

    def failed(self) -> Counter[bool]:
        """How many of the judged requests failed, and how many did not."""
        counts: Counter[bool] = Counter()
        for (outcome, _), count in self.ends.items():
            if outcome not in UNJUDGED:
                counts[outcome in ERRORS] += count
        return counts

    def absorb(self, other: "RequestCounts") -> None:
        """Add the counts of another object to these."""
        for end, count in other.ends.items():
            self.ends[end] = self.ends.get(end, 0) + count
        self.service.absorb(other.service)
        self.response.absorb(other.response)

    def figures(self, operation: str) -> OperationFigures:
        """The figures of all counted requests, under the name of this operation."""
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
    """Counts requests that were sent while another request of the same actor was under way, as a double click does.

    Requests may come in any order. For each actor only the spans of time with a request under way are kept.
    """

    def __init__(self) -> None:
        self.count = 0
        self._busy: dict[str, list[tuple[float, float]]] = {}

    def add(self, sample: Sample) -> None:
        """Count one request."""
        started, ended = sample.started, sample.ended
        apart = []
        for begin, end in self._busy.get(sample.actor, ()):
            if started < end and begin < ended:
                self.count += 1
                started, ended = min(started, begin), max(ended, end)
            else:
                apart.append((begin, end))
        self._busy[sample.actor] = [*apart, (started, ended)]


def figures_of(operation: str, samples: Iterable[Sample]) -> OperationFigures:
    """The figures of these samples."""
    counts = RequestCounts()
    for sample in samples:
        counts.add(sample)
    return counts.figures(operation)


def figures_by_operation(samples: Iterable[Sample]) -> tuple[OperationFigures, ...]:
    """The figures of each operation that occurs."""
    by_name: dict[str, RequestCounts] = {}
    for sample in samples:
        by_name.setdefault(sample.operation, RequestCounts()).add(sample)
    return tuple(counts.figures(operation) for operation, counts in sorted(by_name.items()))
