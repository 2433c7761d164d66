"""Prometheus metrics; with several workers, each worker reports the metrics of all."""

import os
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("examday_requests", "Requests by route, method and status.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "examday_request_seconds", "Time to answer a request.", ["route", "method"], buckets=_BUCKETS
)
POOL_SIZE = Gauge("examday_db_pool_size", "Open database connections.", multiprocess_mode="livesum")
POOL_MAX = Gauge("examday_db_pool_max", "Most database connections allowed.", multiprocess_mode="liveall")
POOL_IN_USE = Gauge("examday_db_pool_in_use", "Database connections in use.", multiprocess_mode="liveall")
POOL_PEAK = Gauge(
    "examday_db_pool_in_use_peak",
    "Most database connections that one worker has used at once.",
    multiprocess_mode="max",
)
POOL_LIMIT = Gauge(
    "examday_db_pool_limit_per_worker",
    "Most database connections that one worker may use.",
    multiprocess_mode="livemax",
)
POOL_WAITING = Gauge(
    "examday_db_pool_waiting", "Requests waiting for a database connection.", multiprocess_mode="livesum"
)
MEMORY = Gauge("examday_worker_memory_bytes", "Resident memory of a worker.", multiprocess_mode="liveall")
REDIS_ERRORS = Counter("examday_redis_errors", "Failed Redis operations.")
REDIS_RECONNECTS = Counter("examday_redis_reconnects", "Returns of Redis after an outage.")


def note_memory() -> None:
    """Set the metric of this worker's memory to its present value."""
    pages = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]
    MEMORY.set(int(pages) * os.sysconf("SC_PAGE_SIZE"))


def exposition() -> bytes:
    """All metrics in text format, summed over the workers if they share files."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
