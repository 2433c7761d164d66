"""The fixture `runtime`: it reads services, and stops or starts them only if the environment allows `disrupt`."""

from collections.abc import Callable
from typing import Any, cast

from pytest_examday.config.environment import Permission
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Runtime

_READING = frozenset(
    (
        *("kind", "services", "workers", "service", "address", "require", "running", "paused", "delayed"),
        *("environment", "processes", "usage", "clock_skew", "log_files", "log_sources", "log_blocks", "logs"),
    )
)
_WRITING = frozenset({"run_job"})


class _Restricted:
    """A runtime behind permissions. Every method that is not listed as reading or writing needs `disrupt`, so a new
    method is protected from the start."""

    def __init__(self, runtime: Runtime, refuse: Callable[[Permission, str], str | None]) -> None:
        self._runtime = runtime
        self._refuse = refuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._runtime, name)
        if name in _READING:
            return value
        reason = self._refuse("write" if name in _WRITING else "disrupt", f"runtime.{name}")
        return value if reason is None else _refusing(reason)


def _refusing(reason: str) -> Callable[..., None]:
    def refused(*arguments: object, **named: object) -> None:
        raise Unmeasurable(reason)

    return refused


def restricted(runtime: Runtime, refuse: Callable[[Permission, str], str | None]) -> Runtime:
    """The runtime behind permissions. `refuse(permission, what)` returns the reason of a refusal, None if the act is
    allowed.

    A forbidden method raises Unmeasurable with the reason.
    """
    return cast("Runtime", _Restricted(runtime, refuse))
