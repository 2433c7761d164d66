"""The drills that a profile may add: name, phase of the report template, description."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.config.drills import DRILL_NAMES, DrillName, activity_of
from pytest_examday.drills.drill import Drill, run_drill
from pytest_examday.drills.further import (
    link_flapping,
    network_delay,
    pool_exhausted,
    postgres_restart,
    proxy_restart,
    redis_emptied,
    slow_database,
    system_restart,
    tokens_expired,
    worker_pause,
    worker_restart,
)
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.site import Site


@dataclass(frozen=True)
class Described:
    """One of them; `phase` is 3 for failures, 7 for recovery from the loss of everything."""

    name: DrillName
    describe: Callable[[Site], Drill]
    phase: int = 3

    @property
    def activity(self) -> str:
        """The name of its evidence."""
        return activity_of(self.name)

    def gather(self, site: Site) -> DrillEvidence:
        """Run it."""
        return run_drill(site, self.describe(site))


_DESCRIBED: dict[DrillName, Callable[[Site], Drill]] = {
    "worker_restart": worker_restart.describe,
    "worker_pause": worker_pause.describe,
    "network_delay": network_delay.describe,
    "proxy_restart": proxy_restart.describe,
    "slow_database": slow_database.describe,
    "postgres_restart": postgres_restart.describe,
    "redis_emptied": redis_emptied.describe,
    "link_flapping": link_flapping.describe,
    "pool_exhausted": pool_exhausted.describe,
    "tokens_expired": tokens_expired.describe,
    "system_restart": system_restart.describe,
}
_RECOVERY: frozenset[DrillName] = frozenset({"system_restart"})

CATALOGUE: tuple[Described, ...] = tuple(
    Described(name, _DESCRIBED[name], 7 if name in _RECOVERY else 3) for name in DRILL_NAMES
)
"""All of them in running order."""
