"""The chart of an exam's drill."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_examday.evidence.drill_outcome import DrillEvidence


def requests_over_time(record: "DrillEvidence", measured_in: Path) -> Any:
    """Requests over time: successes upwards, failures downwards, the time of the fault shaded."""
    from pytest_examday.report.drill_chart import drill_picture  # judging evidence needs no drawing

    return drill_picture(record, measured_in)
