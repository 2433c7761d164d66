"""The runtime by which faults are taken out."""

from pytest_examday.runtimes.base import Runtime
from pytest_examday.target.runtime_of import runtime_of
from pytest_examday.target.target import Target


def healing_runtime(target: Target) -> Runtime:
    """The runtime without permissions: whoever put a fault in had the permission, and the configuration may have
    changed since. It is not a member of the target, so that no test gets it from a fixture."""
    return runtime_of(target.environment, target.embedded)
