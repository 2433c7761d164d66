"""The base class of runtimes that change some abilities of another runtime and leave everything else to it."""

from typing import Any

from pytest_examday.runtimes.base import Runtime


class WrappedRuntime:
    """A runtime that hands on to the runtime that it wraps."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    # Named here because a check for what a runtime offers does not see what __getattr__ gives.

    def pause(self, service: str) -> None:
        self._runtime.pause(service)

    def unpause(self, service: str) -> None:
        self._runtime.unpause(service)

    def paused(self, service: str) -> bool:
        return self._runtime.paused(service)
