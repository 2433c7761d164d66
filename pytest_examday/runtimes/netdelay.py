"""Which of the ways to delay a container's network is open, and what that takes."""

from typing import TYPE_CHECKING, Protocol

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import netem, packet_queue
from pytest_examday.runtimes.container import state_of

if TYPE_CHECKING:
    from docker.models.containers import Container


class Way(Protocol):
    """One way to delay what a container sends."""

    def reason(self, container: "Container") -> str | None:
        """Why it is closed, None where it is open; nothing is touched."""

    def delayed(self, container: "Container") -> bool:
        """Whether a delay is in by this way; raises Unmeasurable where it cannot be looked at."""

    def delay(self, container: "Container", milliseconds: int, jitter_milliseconds: int) -> None:
        """Put it in, or replace it."""

    def undelay(self, container: "Container") -> None:
        """Take it out; nothing happens where it is out."""


WAYS: dict[str, Way] = {
    "tc from here": netem.FROM_HERE,
    "packet queue from here": packet_queue.PacketQueue(),
    "tc inside": netem.INSIDE,
}
"""In the order in which they are tried."""


def reason(container: "Container") -> str | None:
    """Why none of them is open; None where one is."""
    if not state_of(container)["Running"]:
        return f"the network of {container.name} cannot be delayed: it is not running"
    closed = []
    for name, way in WAYS.items():
        why = way.reason(container)
        if why is None:
            return None
        closed.append(f"{name}: {why}")
    return f"the network of {container.name} cannot be delayed; " + "; ".join(closed)


def delay(container: "Container", milliseconds: int, jitter_milliseconds: int) -> None:
    """By the first way that is open; raises Unmeasurable where none is."""
    undelay(container)
    for way in WAYS.values():
        if way.reason(container) is None:
            way.delay(container, milliseconds, jitter_milliseconds)
            return
    raise Unmeasurable(reason(container) or f"the network of {container.name} could not be delayed")


def delayed(container: "Container") -> bool:
    """Whether a delay is in. A container that does not run has no network, and so no delay.

    Raises Unmeasurable where none of the ways can be looked at.
    """
    if not state_of(container)["Running"]:
        return False
    seen, blind = [], []
    for name, way in WAYS.items():
        try:
            seen.append(way.delayed(container))
        except Unmeasurable as why:
            blind.append(f"{name}: {why}")
    if not seen:
        raise Unmeasurable(f"nobody can tell whether the network of {container.name} is delayed; {'; '.join(blind)}")
    return any(seen)


def undelay(container: "Container") -> None:
    """By whichever way it is in."""
    if not state_of(container)["Running"]:
        return
    for way in WAYS.values():
        if _in(way, container):
            way.undelay(container)


def _in(way: Way, container: "Container") -> bool:
    try:
        return way.delayed(container)
    except Unmeasurable:
        return False  # no tool of this way here, so nothing of it was put in from here
