"""Watches the delays of a load process: a process that is too busy measures itself instead of the platform."""

import asyncio
import time

from pytest_examday.load.samples import percentile

_LAG_PROBE_SECONDS = 0.05
_CPU_PROBE_SECONDS = 1.0


class SelfWatch:
    """Measures the lag of the event loop and the use of the processor, from now until `figures` is called."""

    def __init__(self) -> None:
        self._lags: list[float] = []
        self._shares: list[float] = []
        self._clock, self._cpu = time.monotonic(), time.process_time()
        self._tasks = [asyncio.create_task(self._watch_lag()), asyncio.create_task(self._watch_cpu())]

    def figures(self) -> dict[str, float | None]:
        """End the watch; returns the fields of `GeneratorFigures` that it measured. Lags are ms, shares 1 for a whole
        core."""
        for task in self._tasks:
            task.cancel()
        seconds = time.monotonic() - self._clock
        lags, shares = sorted(self._lags), sorted(self._shares)
        return {
            "lag_p95_ms": percentile(lags, 0.95),
            "lag_max_ms": percentile(lags, 1.0),
            "cpu_share": round((time.process_time() - self._cpu) / seconds, 3) if seconds > 0 else None,
            "cpu_peak_share": percentile(shares, 0.95),
        }

    async def _watch_lag(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_LAG_PROBE_SECONDS)
            self._lags.append(max(0.0, (time.perf_counter() - before - _LAG_PROBE_SECONDS) * 1000))

    async def _watch_cpu(self) -> None:
        while True:
            clock, cpu = time.monotonic(), time.process_time()
            await asyncio.sleep(_CPU_PROBE_SECONDS)
            used = (time.process_time() - cpu) / (time.monotonic() - clock)
            self._shares.append(round(used, 3))
