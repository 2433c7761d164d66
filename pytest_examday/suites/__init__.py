"""The suites, one package for each kind of rehearsal; and the activity with which each of them begins."""

from typing import TYPE_CHECKING

from pytest_examday.core.activity import PREFLIGHT, Activity
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.record import Record

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _reach(target: "Target") -> Record:
    from pytest_examday.suites.preflight import gather

    return gather(target)


PREFLIGHT_ACTIVITY = Activity(
    PREFLIGHT,
    0,
    PreflightEvidence,
    _reach,
    "read",
    "what answered before anything was done",
    runs_after=(),
    reaches=True,
)
"""The first activity of every suite that has no activity of its own which reaches its system."""
