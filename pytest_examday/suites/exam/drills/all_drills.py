"""All drills of an exam, in running order. A new drill is one file of this folder and one entry here."""

from pytest_examday.drills.drill import Drill
from pytest_examday.suites.exam.drills import (
    backend_restart,
    link_flapping,
    network_delay,
    pool_exhausted,
    postgres_crash,
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

DRILLS: tuple[Drill, ...] = (
    redis_outage.DRILL,
    worker_loss.DRILL,
    postgres_crash.DRILL,
    worker_restart.DRILL,
    worker_pause.DRILL,
    network_delay.DRILL,
    proxy_restart.DRILL,
    slow_database.DRILL,
    postgres_restart.DRILL,
    redis_emptied.DRILL,
    link_flapping.DRILL,
    pool_exhausted.DRILL,
    tokens_expired.DRILL,
    backend_restart.DRILL,
    system_restart.DRILL,
)
"""Ordered by phase; in each phase the drills of every rehearsal come first, and milder faults before harder ones."""
