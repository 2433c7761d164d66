"""Log lines whose times are far from those of the requests that they log: the clock of a worker is wrong."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import median

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_reading import LogLine


def lines_of_requests(form: LogFormat, lines: Iterable[LogLine], wanted: frozenset[str]) -> Iterator[LogLine]:
    """The lines that log one of these requests."""
    return (line for line in lines if str(line.get(form.request_id)) in wanted and line.get(form.request_when))


def clock_offsets(logged: Iterable[tuple[Sample, LogLine]]) -> dict[str, float]:
    """By how many seconds the times of a log file are ahead of this machine's clock (negative: behind it): the median
    over the requests that it logs."""
    by_file: dict[str, list[float]] = defaultdict(list)
    for sample, line in logged:
        by_file[line.file].append(line.at - sample.ended)
    return {file: round(median(differences), 1) for file, differences in by_file.items()}
