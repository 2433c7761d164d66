"""The evidence of the load."""

from pytest_examday.core.measured import Measured
from pytest_examday.suites.exam.evidence import LoadEvidence


def load_record(measured: Measured) -> LoadEvidence:
    """The record of the load. Raises Unmeasurable if there is none."""
    return measured.record("load", LoadEvidence)
