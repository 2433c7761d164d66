"""The runtime by which faults are taken out."""

from dataclasses import replace
from functools import cached_property
from typing import cast

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Runtime
from pytest_examday.runtimes.wrapped import WrappedRuntime
from pytest_examday.target.runtime_of import runtime_of
from pytest_examday.target.target import Target


class HealingRuntime(WrappedRuntime):
    """A runtime that asks for no permission and knows its target, for undos that reach the platform in another way."""

    def __init__(self, runtime: Runtime, target: Target) -> None:
        super().__init__(runtime)
        self._target = target

    @cached_property
    def target(self) -> Target:
        """The target with every permission."""
        if self._target.refusal("write", "to undo a change") is None:
            return self._target
        environment = self._target.embedded.attached.model_copy(update={"allow": ("read", "write", "disrupt")})
        return replace(self._target, environment=environment, confirmed=True)


def healing_runtime(target: Target) -> Runtime:
    """The runtime that asks for no permission: whoever put a fault in had the permission, and the configuration may
    have changed since. It is not a member of the target, so that no test gets it from a fixture."""
    return cast("Runtime", HealingRuntime(runtime_of(target.environment, target.embedded), target))


def target_of(runtime: Runtime) -> Target:
    """The target of a runtime that `healing_runtime` made, with every permission. Raises Unmeasurable for another
    one."""
    if not isinstance(runtime, HealingRuntime):
        raise Unmeasurable("only what takes faults out knows how the platform is reached")
    return runtime.target
