"""Watches the memory and the open files of a platform's workers during a load, as the runtime tells them."""

from collections.abc import Sequence
from statistics import median

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import MemoryFigures, OpenFiles
from pytest_examday.observe.watch import Watch
from pytest_examday.runtimes.base import Runtime

_LEAST_INTERVAL_SECONDS = 2.0
_READINGS = 60
_LEAST_OF_A_THIRD = 2
"""Readings of memory in each third of a watch, below which a median says nothing."""


def memory_figures(readings: Sequence[float], source: str) -> MemoryFigures:
    """The readings (bytes) as medians of thirds of the watch: the first third is left aside, because caches fill
    then."""
    third = len(readings) // 3
    if third < _LEAST_OF_A_THIRD:
        return MemoryFigures(samples=len(readings), source=source, peak=max(readings, default=None))
    return MemoryFigures(
        samples=len(readings),
        source=source,
        middle=median(readings[third : 2 * third]),
        last=median(readings[-third:]),
        peak=max(readings),
    )


class MemoryWatch(Watch):
    """Reads the memory and the open files of every worker about sixty times in `seconds`, but not oftener than every
    two seconds, in a thread. A platform's own metric of memory may be wrong."""

    def __init__(self, runtime: Runtime, seconds: float) -> None:
        super().__init__("examday-memory", max(_LEAST_INTERVAL_SECONDS, seconds / _READINGS))
        self._runtime = runtime
        self._readings: list[float] = []
        self._open_files: list[float] = []
        self._unmeasured: str | None = None

    def read(self) -> None:
        """Take one reading; no more if the runtime cannot tell."""
        if self._unmeasured is not None and not self._readings:
            return
        try:
            used = [self._runtime.usage(worker) for worker in self._runtime.workers()]
        except Unmeasurable as reason:
            self._unmeasured = str(reason)
            return
        self._readings += [max(float(usage.memory_bytes) for usage in used)] if used else []
        opened = [usage.open_files for usage in used if usage.open_files is not None]
        self._open_files += [max(opened)] if opened else []

    def figures(self) -> MemoryFigures:
        """The memory of the largest worker, or why there is none."""
        source = "the processes of the workers, as the runtime tells"
        if not self._readings and self._unmeasured is not None:
            source = self._unmeasured
        return memory_figures(self._readings, source)

    def open_files(self) -> OpenFiles | None:
        """The open files of the worker with the most of them, if there are three readings: such counts are exact, while
        memory varies. None if the runtime cannot tell."""
        if not self._open_files:
            return None
        count, third = len(self._open_files), len(self._open_files) // 3
        if not third:
            return OpenFiles(samples=count)
        middle, last = self._open_files[third : 2 * third], self._open_files[-third:]
        return OpenFiles(samples=count, middle=median(middle), last=median(last))
