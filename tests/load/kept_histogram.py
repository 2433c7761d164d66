"""Waits as another program reads them from the evidence."""

from hdrh.histogram import HdrHistogram

from pytest_examday.evidence.figures import Histogram
from pytest_examday.load.wait_histogram import WaitHistogram


def read_waits(kept: Histogram) -> WaitHistogram:
    """The waits of a record that was kept as JSON."""
    read = HdrHistogram.decode(Histogram.model_validate_json(kept.model_dump_json()).encoded)
    waits = WaitHistogram()
    waits.classes = {read.get_value_from_index(index): count for index, count in enumerate(read.counts) if count}
    waits.count, waits.clipped, waits.longest_ms = sum(waits.classes.values()), kept.clipped, kept.longest_ms
    return waits
