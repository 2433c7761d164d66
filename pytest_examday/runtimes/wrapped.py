"""The base class of runtimes that change some abilities of another runtime and leave everything else to it."""

from typing import Any

from pytest_examday.runtimes.base import Runtime


class WrappedRuntime:
    """A runtime that leaves each call to the runtime that it wraps, but for the methods that a subclass has."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)
