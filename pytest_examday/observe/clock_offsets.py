"""Finds workers whose clocks are wrong, by the difference between the times of log lines and those of their
requests."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from statistics import median

from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_line import LogLine

CLOCK_SECONDS = 10.0
"""If the clocks of two machines differ by more, one of them is wrong, and the order of events is unknown."""
_FEWEST = 3
"""The fewest lines of one operation that show its clock: a single line may have been written late."""


def offset_of(seconds: Sequence[float]) -> float | None:
    """By how many seconds a clock is ahead, by the times of lines minus those of their requests; None if there are too
    few of them."""
    return median(seconds) if len(seconds) >= _FEWEST else None


def clock_offsets(logged: Iterable[tuple[Sample, LogLine]]) -> dict[str, float]:
    """By how many seconds the times of a log file are ahead of this machine's clock (negative: behind it): the median
    over the requests that it logs. An operation whose lines have another clock than the rest of their file is named
    beside it."""
    by_file: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sample, line in logged:
        by_file[line.file][sample.operation].append(line.at - sample.ended)
    offsets: dict[str, float] = {}
    for file, by_operation in by_file.items():
        offset_of_file = median(chain.from_iterable(by_operation.values()))
        offsets[file] = round(offset_of_file, 1)
        for operation, seconds in by_operation.items():
            offset = offset_of(seconds)
            if offset is not None and abs(offset - offset_of_file) > CLOCK_SECONDS:
                offsets[f"{operation} in {file}"] = round(offset, 1)
    return offsets
