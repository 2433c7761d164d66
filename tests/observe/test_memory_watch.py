"""The memory of workers as the runtime tells it."""

from types import SimpleNamespace
from typing import Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.memory_watch import MemoryWatch
from pytest_examday.runtimes.base import Usage


def _watched(*readings: dict[str, int]) -> MemoryWatch:
    """After these readings: worker -> bytes."""
    runtime: Any = SimpleNamespace()
    watch = MemoryWatch(runtime, 10.0)
    for sizes in readings:
        runtime.workers = lambda sizes=sizes: tuple(sizes)
        runtime.usage = lambda worker, sizes=sizes: Usage(0.1, sizes[worker], None)
        watch.read()
    return watch


def test_the_largest_worker_counts() -> None:
    sizes = (50, 60, 100, 100, 120, 130)
    memory = _watched(*({"worker-1": 40, "worker-2": size} for size in sizes)).figures()
    assert (memory.samples, memory.middle, memory.last, memory.peak) == (6, 100, 125, 130)


def test_a_runtime_that_cannot_tell_is_asked_once() -> None:
    asked: list[str] = []

    def usage(worker: str) -> Usage:
        asked.append(worker)
        raise Unmeasurable("env.staging.runtime has no command 'usage'")

    runtime: Any = SimpleNamespace(workers=lambda: ("worker-1",), usage=usage)
    watch = MemoryWatch(runtime, 10.0)
    watch.read()
    watch.read()
    memory = watch.figures()
    assert (memory.samples, memory.source) == (0, "env.staging.runtime has no command 'usage'")
    assert asked == ["worker-1"]


def test_the_open_files_of_the_worker_with_the_most_count() -> None:
    runtime: Any = SimpleNamespace(workers=lambda: ("worker-1", "worker-2"))
    watch = MemoryWatch(runtime, 10.0)
    for number in (20, 20, 30, 30, 80, 90):
        runtime.usage = lambda worker, number=number: Usage(0.1, 1, None, number if worker == "worker-2" else 5)
        watch.read()
    files = watch.open_files()
    assert files is not None
    assert (files.samples, files.middle, files.last) == (6, 30, 85)


def test_a_runtime_that_tells_no_open_files_leaves_them_unmeasured() -> None:
    assert _watched({"worker-1": 40}).open_files() is None
