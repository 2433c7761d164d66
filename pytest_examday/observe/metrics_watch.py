"""Watches the metrics of a platform during a load (database pool, Redis errors, memory), its readiness, and its
connections in PostgreSQL."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pytest_examday.contract.contract import Metrics as MetricNames
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import DatabasePoolFigures, MemoryFigures
from pytest_examday.observe.memory_watch import memory_figures
from pytest_examday.observe.metrics_scrape import Metrics, scrape
from pytest_examday.observe.readiness_timeout import READY_TIMEOUT_SECONDS
from pytest_examday.observe.watch import Watch
from pytest_examday.target.connections import Connections

_INTERVAL_SECONDS = 1.0
_IN_A_ROW = 3
"""Readings in a row that show a lasting level of the pool. A single reading may be taken in a burst."""
_CONNECTIONS = """
SELECT count(*) AS connections, count(*) FILTER (WHERE state <> 'idle') AS busy FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> 'examday'
"""


class MetricsWatch(Watch):
    """Reads the platform's metrics, its readiness and PostgreSQL's connections every second, in a thread.

    The platform's metrics show the use of its database pool. If it has none, the number of PostgreSQL's connections
    that are not idle is compared with the contract's `connection_limit`. `degraded` counts the readings at which the
    platform replied that it is not ready, `ready_readings` those at which it replied at all.
    """

    def __init__(self, connections: Connections) -> None:
        super().__init__("examday-metrics", _INTERVAL_SECONDS)
        self._target_connections = connections
        self._samples: list[Metrics] = []
        self._connections: list[int] = []
        self._busy: list[int] = []
        self.degraded = self.ready_readings = self.ready_silent = 0

    def read(self) -> None:
        """Take one reading of each."""
        metrics = scrape(self._target_connections.api)
        if metrics is not None:
            self._samples.append(metrics)
        self._look_whether_ready()
        try:
            with self._target_connections.database() as connection:
                row = connection.execute(_CONNECTIONS).fetchone()
        except Unmeasurable:
            return  # the figure stays unmeasured, and its line says so
        if row is not None:
            self._connections.append(int(str(row["connections"])))
            self._busy.append(int(str(row["busy"])))

    def _look_whether_ready(self) -> None:
        ready = self._target_connections.api.call(
            self._target_connections.api.contract.ready_or_health, timeout=READY_TIMEOUT_SECONDS
        )
        self.ready_readings += ready.status is not None
        self.ready_silent += ready.status is None
        self.degraded += ready.status is not None and not ready.accepted

    @property
    def redis_errors(self) -> int | None:
        """Redis errors while the watch lasted; None if the platform has no such metric."""
        metrics = self._target_connections.api.contract.metrics
        return None if metrics is None else self._counted(metrics.redis_errors)

    @property
    def redis_reconnects(self) -> int | None:
        """Redis reconnections while the watch lasted; None if the platform has no such metric."""
        metrics = self._target_connections.api.contract.metrics
        return None if metrics is None else self._counted(metrics.redis_reconnects)

    def _counted(self, name: str) -> int | None:
        """By how much a counter rose. If it fell, a worker was restarted and counts from 0 again."""
        totals = [sum(sample[name]) for sample in self._samples if name in sample]
        if not totals:
            return None
        return int(sum(max(later - sooner, 0) if later >= sooner else later for sooner, later in pairwise(totals)))

    def memory(self) -> MemoryFigures:
        """The memory of the largest worker at each reading, as medians of thirds of the watch. The first third is left
        out, because caches fill then."""
        names = self._target_connections.api.contract.metrics
        if names is None or names.memory is None:
            return MemoryFigures(samples=0, source="the contract names no metric of memory")
        readings = [max(sample[names.memory]) for sample in self._samples if names.memory in sample]
        return memory_figures(readings, f"the platform's metric {names.memory}")

    def figures(self) -> DatabasePoolFigures:
        """The figures of the watch; those that the platform does not provide are None."""
        names = self._target_connections.api.contract.metrics
        if names is None or not self._samples:
            return self._unknown()
        if self._is_impossible(names):
            return DatabasePoolFigures(
                samples=0,
                source="the platform's metrics say that no connection was ever in use, and requests used some",
                peak_connections=max(self._connections, default=None),
            )
        levels = [level for sample in self._samples if (level := _level(sample, names)) is not None]
        peaks = self._peaks(names)
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
        return DatabasePoolFigures(
            samples=len(self._samples),
            pool_size=int(sum(size)) if size else None,
            max_overflow=int(sum(total) - sum(size)) if size and total else None,
            peak_in_use=peak,
            limit_per_worker=limit,
            peak_usage=usage,
            sustained_usage=max(map(min, _in_a_row(levels)), default=None),
            average_usage=sum(used) / len(used) if used else None,
            peak_connections=max(self._connections, default=None),
            exhausted=None if usage is None else any(min(two) >= 1 for two in pairwise(levels)),
            source="the platform's metrics and pg_stat_activity",
        )

    def _is_impossible(self, names: MetricNames) -> bool:
        """Whether the metrics say of every reading that no connection is in use, although the platform's own peak since
        its start tells the same, or PostgreSQL saw connections at work."""
        own = [max(sample[names.pool_in_use_peak]) for sample in self._samples if names.pool_in_use_peak in sample]
        in_use = [max(sample[names.pool_in_use]) for sample in self._samples if names.pool_in_use in sample]
        told = [*own, *in_use]
        return bool(told) and max(told) == 0 and (bool(own) or max(self._busy, default=0) > 0)

    def _peaks(self, names: MetricNames) -> list[float]:
        """The numbers of connections in use of the fullest worker, one for each reading. The platform's own peak is the
        highest since it started, so it counts only if it rose while the watch lasted."""
        own = [max(sample[names.pool_in_use_peak]) for sample in self._samples if names.pool_in_use_peak in sample]
        if not own:
            return []
        rose = own[-1:] if own[-1] > own[0] else []
        in_use = [max(sample[names.pool_in_use]) for sample in self._samples if names.pool_in_use in sample]
        return rose + in_use or own[-1:]

    def _unknown(self) -> DatabasePoolFigures:
        limit = self._target_connections.api.contract.connection_limit
        if limit is not None and self._busy:
            levels = [busy / limit for busy in self._busy]
            return DatabasePoolFigures(
                samples=len(levels),
                source=f"connections in pg_stat_activity that are not idle, of the contract's {limit}",
                peak_in_use=max(self._busy),
                peak_usage=max(levels),
                sustained_usage=max(map(min, _in_a_row(levels)), default=None),
                average_usage=sum(levels) / len(levels),
                peak_connections=max(self._connections),
                exhausted=any(min(two) >= 1 for two in pairwise(levels)),
                of_all_workers=True,
            )
        return DatabasePoolFigures(
            samples=0,
            source="the platform reported no pool metrics, and the contract has no connection_limit",
            peak_connections=max(self._connections, default=None),
        )


def _level(sample: Metrics, names: MetricNames) -> float | None:
    """The share of its connections that the fullest worker used at one reading; if the platform gives only sums, the
    share of all workers together."""
    in_use, allowed = sample.get(names.pool_in_use, ()), sample.get(names.pool_max, ())
    if not in_use or sum(allowed) <= 0:
        return None
    return max(in_use) / (sum(allowed) / len(allowed))


def _in_a_row(levels: Sequence[float]) -> Iterator[Sequence[float]]:
    return (levels[start : start + _IN_A_ROW] for start in range(len(levels) - _IN_A_ROW + 1))
