"""The chart of a drill of the exam."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_examday.evidence.phases import DrillEvidence


def requests_over_time(record: "DrillEvidence", slices: Sequence[Any]) -> Any:
    """Requests that succeeded upwards, failed ones downwards, the time of the fault shaded."""
    from pytest_examday.suites.exam.report import charts  # draws with a package that judging evidence does not need

    return charts.drill(record, slices)
