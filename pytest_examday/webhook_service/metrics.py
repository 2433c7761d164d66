"""Prometheus metrics; the processes share files, so each worker reports those of all."""

import os
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("webhook_requests", "Requests by route, method and status.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "webhook_request_seconds", "Time to answer a request.", ["route", "method"], buckets=_BUCKETS
)
EVENTS = Counter("webhook_events", "Webhooks by what became of them.", ["outcome"])
SECURITY = Counter("webhook_security_events", "Refusals for a reason of security.", ["reason"])
JOBS = Counter("webhook_jobs", "Jobs by kind and by what became of one attempt.", ["kind", "outcome"])
PASSES = Counter("webhook_scheduler_passes", "Passes of a scheduler over all companies.", ["outcome"])
LAST_PASS = Gauge("webhook_scheduler_last_pass_seconds", "Unix time of the last pass.", multiprocess_mode="max")
WAITING = Gauge("webhook_jobs_due", "Jobs that are due and not done.", multiprocess_mode="livemostrecent")
POOL_MAX = Gauge("webhook_db_pool_max", "Most database connections allowed.", ["pool"], multiprocess_mode="livesum")
POOL_SIZE = Gauge("webhook_db_pool_size", "Open database connections.", ["pool"], multiprocess_mode="livesum")
POOL_IN_USE = Gauge("webhook_db_pool_in_use", "Database connections in use.", ["pool"], multiprocess_mode="livesum")
MEMORY = Gauge("webhook_process_memory_bytes", "Resident memory of a process.", multiprocess_mode="liveall")


def note_memory() -> None:
    """Set the metric of this process's memory to its present value."""
    pages = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]
    MEMORY.set(int(pages) * os.sysconf("SC_PAGE_SIZE"))


def exposition() -> bytes:
    """All metrics in text format, summed over the processes if they share files."""
    if VARIABLE not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
