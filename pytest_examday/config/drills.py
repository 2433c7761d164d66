"""The drills that a profile may add to those of every rehearsal: Redis away, a worker killed, the backend restarted."""

from typing import Literal, get_args

DrillName = Literal[
    "worker_restart",
    "worker_pause",
    "network_delay",
    "proxy_restart",
    "slow_database",
    "postgres_restart",
    "redis_emptied",
    "link_flapping",
    "pool_exhausted",
    "tokens_expired",
    "system_restart",
]
DRILL_NAMES: tuple[DrillName, ...] = get_args(DrillName)
"""In the order in which they run: the gentle ones first, the restart of everything last."""

_PREFIX = "drill_"


def activity_of(name: DrillName) -> str:
    """The activity, and so the evidence, of a drill that a profile adds."""
    return f"{_PREFIX}{name}"
