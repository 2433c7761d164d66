"""Measures how much processor time a process uses."""

import os
import time

import psutil


class ProcessorWatch:
    """Measures the share of the processors that a process uses, from one call of `share` to the next."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._cores = _cores()
        self._clock, self._cpu = time.monotonic(), 0.0

    def share(self) -> list[float]:
        """The share since the last call, 0 to 1 of all processors that this machine grants, in a list; an empty list if
        the process has ended."""
        try:
            times = self._process.cpu_times()
        except psutil.Error:
            return []
        clock, cpu = time.monotonic(), times.user + times.system
        share = (cpu - self._cpu) / (clock - self._clock) / self._cores
        self._clock, self._cpu = clock, cpu
        return [round(share, 3)]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
