"""Every drill there is, by name; a profile names those of the catalogue so."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.drills import catalogue
from pytest_examday.target.target import Target

ALWAYS = {one.name: one.describe for one in catalogue.ALWAYS}
EVERY_DRILL = {**ALWAYS, **{one.name: one.describe for one in catalogue.CATALOGUE}}


def not_offered(target: Target) -> dict[str, str]:
    """The drills that cannot be made on the target's platform, with the reason."""
    reasons = {}
    for name, describe in EVERY_DRILL.items():
        try:
            describe(target).fault(target)
        except Unmeasurable as reason:
            reasons[name] = str(reason)
    return reasons
