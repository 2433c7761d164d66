"""Watches the database pool, Redis and readiness of a platform during a load."""

import threading
from types import TracebackType
from typing import Self

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import PoolFigures
from pytest_examday.observe.metrics_scrape import Metrics, scrape
from pytest_examday.target.connections import Connections

_INTERVAL_SECONDS = 1.0
_CONNECTIONS = """
SELECT count(*) AS connections FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> 'examday'
"""


class PoolWatch:
    """Reads the platform's metrics, its readiness and PostgreSQL's connections every second, in a thread.

    PostgreSQL counts connections; only the platform's metrics tell the use of its pool. `degraded` counts the times at
    which the platform answered that it is not ready.
    """

    def __init__(self, connections: Connections) -> None:
        self._reached = connections
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="examday-pool", daemon=True)
        self._samples: list[Metrics] = []
        self._connections: list[int] = []
        self.degraded = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while True:
            self._sample()
            if self._ended.wait(_INTERVAL_SECONDS):
                return

    def _sample(self) -> None:
        metrics = scrape(self._reached.api)
        if metrics is not None:
            self._samples.append(metrics)
        ready = self._reached.api.call("ready", timeout=2)
        self.degraded += ready.status is not None and not ready.accepted
        try:
            with self._reached.database() as connection:
                row = connection.execute(_CONNECTIONS).fetchone()
        except Unmeasurable:
            return  # the figure stays unmeasured, and its line says so
        if row is not None:
            self._connections.append(int(str(row["connections"])))

    @property
    def redis_errors(self) -> int | None:
        """Redis errors since the platform started; None if it does not tell them."""
        return (
            None
            if self._reached.api.contract.metrics is None
            else self._total(self._reached.api.contract.metrics.redis_errors)
        )

    @property
    def redis_reconnects(self) -> int | None:
        """Redis reconnections since the platform started; None if it does not tell them."""
        metrics = self._reached.api.contract.metrics
        return None if metrics is None else self._total(metrics.redis_reconnects)

    def _total(self, name: str) -> int | None:
        values = self._samples[-1].get(name) if self._samples else None
        return None if values is None else int(sum(values))

    def figures(self) -> PoolFigures:
        """The figures of the watch; those that the platform did not tell are None."""
        names = self._reached.api.contract.metrics
        if names is None or not self._samples:
            return self._unknown()
        peaks = [max(sample[names.pool_in_use_peak]) for sample in self._samples if names.pool_in_use_peak in sample]
        limits = [max(sample[names.pool_limit]) for sample in self._samples if names.pool_limit in sample]
        used = [
            sum(sample[names.pool_in_use]) / sum(sample[names.pool_max])
            for sample in self._samples
            if names.pool_in_use in sample and sum(sample.get(names.pool_max, ())) > 0
        ]
        last = self._samples[-1]
        size = last.get(names.pool_size)
        total = last.get(names.pool_max)
        peak, limit = max(peaks, default=None), max(limits, default=None)
        usage = peak / limit if peak is not None and limit else None
        return PoolFigures(
            samples=len(self._samples),
            pool_size=int(sum(size)) if size else None,
            max_overflow=int(sum(total) - sum(size)) if size and total else None,
            peak_in_use=peak,
            limit_per_worker=limit,
            peak_usage=usage,
            average_usage=sum(used) / len(used) if used else None,
            peak_connections=max(self._connections, default=None),
            exhausted=None if usage is None else usage >= 1,
            source="the platform's metrics and pg_stat_activity",
        )

    def _unknown(self) -> PoolFigures:
        return PoolFigures(
            samples=0,
            source="pg_stat_activity alone: the platform told no pool metrics",
            peak_connections=max(self._connections, default=None),
        )
