"""Reads something again and again, in a thread, while a load lasts."""

import threading
from types import TracebackType
from typing import Self


class Watch:
    """Calls `read` in a thread, at once and then every `interval_seconds`, until the context ends."""

    def __init__(self, name: str, interval_seconds: float) -> None:
        self._interval_seconds = interval_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=name, daemon=True)

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
            self.read()
            if self._ended.wait(self._interval_seconds):
                return

    def read(self) -> None:
        """Take one reading. Each subclass implements it."""
        raise NotImplementedError
