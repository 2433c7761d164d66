"""Every drill there is: the three of each rehearsal and those of the catalogue."""

from collections.abc import Callable

from pytest_examday.drills import backend_restart, redis_outage, worker_loss
from pytest_examday.drills.catalogue import CATALOGUE
from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.site import Site

ALWAYS: dict[str, Callable[[Site], Drill]] = {
    "redis_outage": redis_outage.describe,
    "worker_loss": worker_loss.describe,
    "backend_restart": backend_restart.describe,
}
EVERY_DRILL = {**ALWAYS, **{str(one.name): one.describe for one in CATALOGUE}}
"""By name; a profile names those of the catalogue so."""


def not_offered(site: Site) -> dict[str, str]:
    """The drills that cannot be made on the site's platform, with the reason."""
    reasons = {}
    for name, describe in EVERY_DRILL.items():
        try:
            describe(site).fault(site)
        except Unmeasurable as reason:
            reasons[name] = str(reason)
    return reasons
