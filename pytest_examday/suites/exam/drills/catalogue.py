"""All drills: name, evidence, description, phase of the report template."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.config.drills import DRILL_NAMES, DrillName, activity_of
from pytest_examday.drills.drill import Drill
from pytest_examday.drills.running import run_drill
from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.suites.exam.drills import (
    backend_restart,
    link_flapping,
    network_delay,
    pool_exhausted,
    postgres_restart,
    proxy_restart,
    redis_emptied,
    redis_outage,
    slow_database,
    system_restart,
    tokens_expired,
    worker_loss,
    worker_pause,
    worker_restart,
)
from pytest_examday.target.target import Target


@dataclass(frozen=True)
class Described:
    """A drill; `activity` names its evidence, `phase` is 3 for failures, 7 for recovery from the loss of everything."""

    name: str
    activity: str
    describe: Callable[[Target], Drill]
    phase: int = 3

    def gather(self, target: Target) -> DrillEvidence:
        """Run it."""
        return run_drill(target, self.describe(target))


ALWAYS: tuple[Described, ...] = (
    Described("redis_outage", "redis_outage", redis_outage.describe),
    Described("worker_loss", "worker_loss", worker_loss.describe),
    Described("backend_restart", "recovery", backend_restart.describe, 7),
)
"""Those of every rehearsal (seed 000, phases 3 and 7)."""

_DESCRIBED: dict[DrillName, Callable[[Target], Drill]] = {
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
    Described(name, activity_of(name), _DESCRIBED[name], 7 if name in _RECOVERY else 3) for name in DRILL_NAMES
)
"""Those that a profile may add, in running order."""
