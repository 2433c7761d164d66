"""A fault and its undo; and the faults that runtimes can make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.faults.sense import Sense
from pytest_examday.faults.undo import (
    Lasts,
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
    """Something that is done to a service. Its undo is data, so that any process can take the fault out."""

    name: str
    service: str
    """What the fault is put into, for messages and the journal (there as `target`). Several services are separated by
    commas."""
    inject: Callable[[], None]
    """Puts the fault in."""
    undo: Undo
    late_seconds: float = 15.0
    """For how long after the fault's line in the journal the fault may still come. A process that dies inside `inject`
    may have asked for something that happens later, for instance a graceful stop. So until then a service that runs
    does not prove that the fault is gone."""
    senses: tuple[Sense, ...] = ()
    """They observe the effect of the fault at addresses of the platform; none if no address is known."""
    delay_ms: int | None = None
    """By how much the fault delays replies; None for a fault of another kind."""
    lasts: Lasts = "drill"
    """Until when the fault is in. What lasts until the end of the run is no harm to the platform, but a change that the
    rehearsal needs."""

    @property
    def over_at_once(self) -> bool:
        """Whether the fault is over as soon as it is made, so that its undo reads nothing back."""
        return isinstance(self.undo.resolve(), Nothing)


def service_down(target: "Target", name: str, service: str, *, abruptly: bool, parts: tuple[str, ...] = ()) -> Fault:
    """One service is stopped, or killed if `abruptly`. The undo starts it again and requires that `parts` run, or the
    service itself if there are none.

    Raises Unmeasurable if the runtime cannot do it.
    """
    runtime = target.runtime
    runtime.require(service, "kill" if abruptly else "stop")
    return Fault(
        name=name,
        service=service,
        inject=lambda: runtime.kill(service) if abruptly else runtime.stop(service),
        undo=Undo.of(StartService(service=service, parts=parts)),
    )


def service_paused(target: "Target", name: str, service: str) -> Fault:
    """One service is paused: its processes and connections stay, and it sends no replies. Raises Unmeasurable if the
    runtime cannot do it."""
    runtime = target.runtime
    runtime.require(service, "pause")
    return Fault(
        name=name,
        service=service,
        inject=lambda: runtime.pause(service),
        undo=Undo.of(Unpause(service=service)),
    )


def service_delayed(
    target: "Target", name: str, service: str, milliseconds: int, jitter_milliseconds: int = 0
) -> Fault:
    """Everything that one service sends is delayed. Raises Unmeasurable if the runtime cannot do it."""
    runtime = target.runtime
    runtime.require(service, "delay")
    return Fault(
        name=name,
        service=service,
        inject=lambda: runtime.delay(service, milliseconds, jitter_milliseconds),
        undo=Undo.of(Undelay(service=service)),
        delay_ms=milliseconds,
    )


def done_at_once(name: str, service: str, act: Callable[[], None]) -> Fault:
    """A fault that is over as soon as it is made, and cannot be undone."""
    return Fault(name=name, service=service, inject=act, undo=Undo.of(Nothing()), late_seconds=0.5)
