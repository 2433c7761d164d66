"""Delays the network of a container in the first of several ways that works."""

from typing import TYPE_CHECKING, Protocol

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import netem, packet_queue
from pytest_examday.runtimes.container import state_of

if TYPE_CHECKING:
    from docker.models.containers import Container


class Way(Protocol):
    """One way to delay what a container sends."""

    def why_not(self, container: "Container") -> str | None:
        """The reason why this way does not work for the container; None if it does. Nothing is touched."""

    def delayed(self, container: "Container") -> bool:
        """Whether a delay was put in this way. Raises Unmeasurable if that cannot be read."""

    def delay(self, container: "Container", milliseconds: int, jitter_milliseconds: int) -> None:
        """Put the delay in; an earlier delay is replaced."""

    def undelay(self, container: "Container") -> None:
        """Take the delay out; does nothing if there is none."""


WAYS: dict[str, Way] = {
    "tc from here": netem.FROM_HERE,
    "packet queue from here": packet_queue.PacketQueue(),
    "tc inside": netem.INSIDE,
}
"""The ways by name, in the order in which they are tried."""


def why_not(container: "Container") -> str | None:
    """The reasons why no way works for the container, or why none may be tried; None if one does."""
    shared = _shared_with(container)
    if shared is not None:
        return f"the network of {container.name} must not be delayed: it is that of {shared}"
    if not state_of(container)["Running"]:
        return f"the network of {container.name} cannot be delayed: it is not running"
    closed = []
    for name, way in WAYS.items():
        why = way.why_not(container)
        if why is None:
            return None
        closed.append(f"{name}: {why}")
    return f"the network of {container.name} cannot be delayed; " + "; ".join(closed)


def _shared_with(container: "Container") -> str | None:
    """The other user of the network that the container joined by its `network_mode`; None if it has one of its own.

    A delay there would also delay the machine of the engine, or another container and everybody whom it serves.
    """
    mode = str(container.attrs["HostConfig"].get("NetworkMode", ""))
    if mode == "host":
        return "the engine's own machine (network_mode: host)"
    kind, _, neighbour = mode.partition(":")
    return f"the container {neighbour[:12]} (network_mode: {kind}:…)" if kind == "container" else None


def delay(container: "Container", milliseconds: int, jitter_milliseconds: int) -> None:
    """Put the delay in by the first way that works. Raises Unmeasurable if none does."""
    undelay(container)
    for way in WAYS.values():
        if way.why_not(container) is None:
            way.delay(container, milliseconds, jitter_milliseconds)
            return
    raise Unmeasurable(why_not(container) or f"the network of {container.name} could not be delayed")


def delayed(container: "Container") -> bool:
    """Whether a delay is in. A container that does not run has no network and no delay.

    Raises Unmeasurable if no way can read it.
    """
    if not state_of(container)["Running"]:
        return False
    readings, problems = [], []
    for name, way in WAYS.items():
        try:
            readings.append(way.delayed(container))
        except Unmeasurable as why:
            problems.append(f"{name}: {why}")
    if not readings:
        raise Unmeasurable(f"nobody can tell whether the network of {container.name} is delayed; {'; '.join(problems)}")
    return any(readings)


def undelay(container: "Container") -> None:
    """Take the delay out in every way in which it is in."""
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
