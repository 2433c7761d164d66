"""Finds workers whose clocks are wrong, by the difference between the times of log lines and those of their
requests."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_line import LogLine


def clock_offsets(logged: Iterable[tuple[Sample, LogLine]]) -> dict[str, float]:
    """By how many seconds the times of a log file are ahead of this machine's clock (negative: behind it): the median
    over the requests that it logs."""
    by_file: dict[str, list[float]] = defaultdict(list)
    for sample, line in logged:
        by_file[line.file].append(line.at - sample.ended)
    return {file: round(median(differences), 1) for file, differences in by_file.items()}
