"""Counts waits in the classes of an HDR histogram, and makes the record that is kept as evidence."""

from collections.abc import Iterator
from itertools import accumulate

from hdrh.histogram import HdrHistogram

from pytest_examday.evidence.figures import Histogram, HistogramSpan, WaitKind

HIGHEST_US = 3_600_000_000
DIGITS = 3
_CLASS_BITS = 11
"""Waits with the same 11 leading bits are in one class: that keeps three significant digits, as HdrHistogram does."""


class WaitHistogram:
    """Counts waits by class.

    Only classes that occur are kept. A load has a window every few seconds, and the library's array of all classes
    would take 190 kB for each. `classes` maps the shortest wait of each class (microseconds) to the number of its
    waits. Waits beyond an hour are put into the last class and counted in `clipped`. `longest_ms` is exact."""

    __slots__ = ("classes", "clipped", "count", "longest_ms")

    def __init__(self) -> None:
        self.classes: dict[int, int] = {}
        self.count = 0
        self.clipped = 0
        self.longest_ms = 0.0

    def record(self, ms: float) -> None:
        """Count one wait. A negative one, which a clock that is set back can make, counts as 0."""
        microseconds = int(ms * 1000 + 0.5) if ms > 0 else 0
        if microseconds > HIGHEST_US:
            self.clipped += 1
            microseconds = HIGHEST_US
        width = microseconds.bit_length() - _CLASS_BITS
        lowest = microseconds if width <= 0 else microseconds >> width << width
        self.classes[lowest] = self.classes.get(lowest, 0) + 1
        self.count += 1
        self.longest_ms = max(self.longest_ms, ms)

    def absorb(self, other: "WaitHistogram") -> None:
        """Add the waits of another object to these."""
        for lowest, count in other.classes.items():
            self.classes[lowest] = self.classes.get(lowest, 0) + count
        self.count += other.count
        self.clipped += other.clipped
        self.longest_ms = max(self.longest_ms, other.longest_ms)

    def percentiles(self, *shares: float) -> Iterator[float | None]:
        """The percentile for each share (0 to 1), in ms: the longest wait of its class; None if nothing was counted.

        The rank is that of `samples.percentile`, which never rounds to the fast side. The library's own percentiles do,
        so they are not used.
        """
        classes = sorted(self.classes)
        reached = list(accumulate(self.classes[lowest] for lowest in classes))
        for share in shares:
            rank = min(int(self.count * share + 1e-9), self.count - 1)
            place = next((number for number, count in enumerate(reached) if count > rank), None)
            yield None if place is None else min(_slowest(classes[place]) / 1000, self.longest_ms)

    def histogram(self, operation: str, kind: WaitKind, span: HistogramSpan) -> Histogram:
        """The record that is kept as evidence."""
        histogram = _empty()
        for lowest, count in self.classes.items():
            histogram.record_value(lowest, count)
        return Histogram(
            operation=operation,
            kind=kind,
            span=span,
            count=self.count,
            clipped=self.clipped,
            longest_ms=self.longest_ms,
            encoded=histogram.encode().decode("ascii"),
        )


def _slowest(lowest: int) -> int:
    """The longest wait (microseconds) of the class whose shortest one is `lowest`."""
    return lowest + (1 << max(0, lowest.bit_length() - _CLASS_BITS)) - 1


def _empty() -> HdrHistogram:
    return HdrHistogram(1, HIGHEST_US, DIGITS)
