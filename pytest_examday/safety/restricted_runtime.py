"""A runtime that keeps to the permissions of the environment."""

from collections.abc import Callable
from typing import Any, cast

from pytest_examday.config.environment import Permission
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Runtime

_NEEDS_NO_PERMISSION = frozenset(
    (
        *("kind", "services", "workers", "service", "address", "require", "running", "paused", "delayed"),
        *("environment", "processes", "usage", "clock_skew", "log_sources", "log_blocks", "logs"),
    )
)
_NEEDS_WRITE = frozenset({"run_job"})


class _Restricted:
    """Passes on what the environment allows. A method that neither of the two lists above names needs `disrupt`, so a
    new method is protected from the start."""

    def __init__(self, runtime: Runtime, refuse: Callable[[Permission, str], str | None]) -> None:
        self._runtime = runtime
        self._refuse = refuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._runtime, name)
        if name in _NEEDS_NO_PERMISSION:
            return value
        reason = self._refuse("write" if name in _NEEDS_WRITE else "disrupt", f"runtime.{name}")
        return value if reason is None else _refusing(reason)


def _refusing(reason: str) -> Callable[..., None]:
    def refused(*arguments: object, **named: object) -> None:
        raise Unmeasurable(reason)

    return refused


def restricted(runtime: Runtime, refuse: Callable[[Permission, str], str | None]) -> Runtime:
    """The same runtime, whose forbidden methods raise Unmeasurable with the reason.

    `refuse(permission, what)` returns the reason why `what` is forbidden; None if it is allowed.
    """
    return cast("Runtime", _Restricted(runtime, refuse))
