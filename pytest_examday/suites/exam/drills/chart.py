"""The chart of a drill of the exam."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_examday.evidence.drill_outcome import DrillEvidence


def requests_over_time(record: "DrillEvidence", measured_in: Path) -> Any:
    """Requests that succeeded upwards, failed ones downwards, the time of the fault shaded."""
    from pytest_examday.report.drill_chart import drill_picture  # judging evidence needs no drawing

    return drill_picture(record, measured_in)
