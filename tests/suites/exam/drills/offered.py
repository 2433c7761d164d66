"""Which drills of the exam a platform offers."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.target.target import Target


def not_offered(target: Target) -> dict[str, str]:
    """The drills that cannot be made on the target's platform, with the reason."""
    reasons = {}
    for drill in DRILLS:
        try:
            drill.fault(target)
        except Unmeasurable as reason:
            reasons[drill.name] = str(reason)
    return reasons
