"""Which lines rest on operations that a platform may not have. Without them a line is no part of the rehearsal."""

from collections.abc import Callable

from pytest_examday.config.environment import Environment
from pytest_examday.contract.operations import Contract
from pytest_examday.core.suite import Lacks

_OPERATIONS = {
    "health-is-accessible": "health",
    "health-is-restored": "health",
    "ready-is-accessible": "ready",
    "ready-is-restored": "ready",
    "ready-under-load": "ready",
    "exam-mode-is-on": "exam_mode",
    "every-worker-was-read": "exam_mode",
    "workers-have-one-name": "exam_mode",
}
"""Line -> the operation that it rests on."""
_NAMED: dict[str, tuple[Callable[[Contract], object], str]] = {
    "every-guarded-operation-refuses": (lambda contract: contract.guards, "guarded operation"),
    "allowed-operations-go-on": (lambda contract: contract.allowed, "operation that exam mode allows"),
    "scheduled-tasks-are-skipped": (lambda contract: contract.jobs, "background job"),
}
"""Line -> what the contract has to name at least one of."""


def _operation(name: str) -> Lacks:
    return lambda environment: environment.platform.contract.lacking(name)


def _one_of(found: Callable[[Contract], object], what: str) -> Lacks:
    def lacks(environment: Environment) -> str | None:
        return None if found(environment.platform.contract) else f"the contract names no {what}"

    return lacks


RESTS_ON: dict[str, Lacks] = {
    **{line: _operation(name) for line, name in _OPERATIONS.items()},
    **{line: _one_of(found, what) for line, (found, what) in _NAMED.items()},
}
"""Line -> function that says what an environment lacks for it; None where it lacks nothing."""
