"""Time that passes only while everybody sleeps, so that a test waits for nothing and measures exactly."""

import asyncio
import selectors
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")
_CLOCKS = ("time", "monotonic", "perf_counter")


class _Clock:
    """The seconds that have been slept, over what each real clock showed at the beginning."""

    def __init__(self) -> None:
        self.slept = 0.0
        self._began = {name: getattr(time, name)() for name in _CLOCKS}

    @contextmanager
    def running(self) -> Iterator[None]:
        """The clocks of `time` show it."""
        with patch.multiple(time, **{name: self._shown(name) for name in _CLOCKS}):
            yield

    def _shown(self, name: str) -> Any:
        return lambda: self._began[name] + self.slept


class _Selector(selectors.DefaultSelector):
    """Sleeps in no time if nothing is ready."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for something that is not a time"
            self._clock.slept += max(timeout, 0)
        return ready


def run_in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` for what reads no sockets: `time.time`, `monotonic` and `perf_counter` stand still while it works
    and jump to the next timer when all of it sleeps."""
    clock = _Clock()
    with clock.running(), asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(_Selector(clock))) as runner:
        return runner.run(main)
