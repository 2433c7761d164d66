"""A fault: something done to a service, with its undoing as data; and the faults that any runtime can make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.faults.undo import (
    Nothing,
    StartService,
    Undelay,
    Undo,
    Unpause,
)

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


@dataclass(frozen=True)
class Fault:
    """Something done to one service, and its undoing as data, so that any process can take it out.

    A process that dies inside `inject` may have asked for something that is done only afterwards: until
    `late_seconds` after its journal line, a service that still runs proves nothing.
    """

    name: str
    target: str
    inject: Callable[[], None]
    undo: Undo
    late_seconds: float = 15.0


def service_down(target: "Target", name: str, service: str, *, abruptly: bool, parts: tuple[str, ...] = ()) -> Fault:
    """One service stopped (or killed) and started again; `parts` run afterwards where it stands for several.

    Raises Unmeasurable where the runtime cannot do it.
    """
    runtime = target.runtime
    runtime.require(service, "kill" if abruptly else "stop")
    return Fault(
        name=name,
        target=service,
        inject=lambda: runtime.kill(service) if abruptly else runtime.stop(service),
        undo=Undo.of(StartService(service=service, parts=parts)),
    )


def service_paused(target: "Target", name: str, service: str) -> Fault:
    """One service that stands still: alive, its connections open, and silent. Raises Unmeasurable where the runtime
    cannot do it."""
    runtime = target.runtime
    runtime.require(service, "pause")
    return Fault(
        name=name,
        target=service,
        inject=lambda: runtime.pause(service),
        undo=Undo.of(Unpause(service=service)),
    )


def service_delayed(
    target: "Target", name: str, service: str, milliseconds: int, jitter_milliseconds: int = 0
) -> Fault:
    """All that one service sends is late. Raises Unmeasurable where the runtime cannot do it."""
    runtime = target.runtime
    runtime.require(service, "delay")
    return Fault(
        name=name,
        target=service,
        inject=lambda: runtime.delay(service, milliseconds, jitter_milliseconds),
        undo=Undo.of(Undelay(service=service)),
    )


def done_at_once(name: str, target: str, act: Callable[[], None]) -> Fault:
    """Something that is over when it is done, and cannot be taken back."""
    return Fault(name=name, target=target, inject=act, undo=Undo.of(Nothing()), late_seconds=0.5)
