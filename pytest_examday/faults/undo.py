"""How faults are undone, as data: a name and plain arguments, which a fresh process can carry out from the journal.

A new kind of fault registers its undo here with `@undoing("name")`; the names are a closed set, and a journal that
holds another one is not guessed at.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import JsonValue, ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.record import Record
from pytest_examday.runtimes.base import Runtime


class Action(Protocol):
    """An undo with its arguments. Every method may be called any number of times, by any process, and raises
    Unmeasurable where it cannot do its work."""

    def carry_out(self, runtime: Runtime) -> None:
        """Take the fault out; nothing happens where it is out."""

    def remains(self, runtime: Runtime) -> str | None:
        """What is still wrong, read back from the platform; None where the fault is shown to be gone."""

    def by_hand(self) -> str:
        """What a person has to do, for instance `start redis`."""


class Undo(Record):
    """One line of a journal says this; `action` is one of `ACTIONS`."""

    action: str
    arguments: dict[str, JsonValue]

    def resolve(self) -> Action:
        """The action itself; raises Unmeasurable, naming the valid ones, where it is unknown or malformed."""
        kind = ACTIONS.get(self.action)
        if kind is None:
            raise Unmeasurable(f"unknown undo {self.action!r}; valid: {', '.join(sorted(ACTIONS))}")
        try:
            return kind(**self.arguments)
        except (TypeError, ValidationError) as problem:
            raise Unmeasurable(f"malformed undo {self.action!r}: {str(problem).splitlines()[0]}") from None


_Kind = TypeVar("_Kind", bound=Callable[..., Action])
ACTIONS: dict[str, Callable[..., Action]] = {}


def undoing(name: str) -> Callable[[_Kind], _Kind]:
    """Register a class of actions under the name that journals use."""

    def register(kind: _Kind) -> _Kind:
        ACTIONS[name] = kind
        return kind

    return register


@undoing("start")
class StartService(Record):
    """Start a service that was stopped or killed; `parts` are what must run afterwards, the service itself where
    they are empty (a service that stands for several, like `backend`, has its workers as parts)."""

    service: str
    parts: tuple[str, ...] = ()

    def carry_out(self, runtime: Runtime) -> None:
        """Start it and wait until it is up."""
        runtime.start(self.service)

    def remains(self, runtime: Runtime) -> str | None:
        """The parts that do not run."""
        missing = [part for part in self.parts or (self.service,) if not runtime.running(part)]
        return f"not running: {', '.join(missing)}" if missing else None

    def by_hand(self) -> str:
        """In words."""
        return f"start {self.service}"

    def as_data(self) -> Undo:
        """As a journal keeps it."""
        return Undo(action="start", arguments=self.model_dump(mode="json"))


@undoing("start_in_order")
class StartInOrder(Record):
    """Start several services one after the other, each up before the next begins (seed 002: infrastructure first)."""

    services: tuple[str, ...]
    parts: tuple[str, ...] = ()

    def carry_out(self, runtime: Runtime) -> None:
        """Start each and wait until it is up."""
        for service in self.services:
            runtime.start(service)

    def remains(self, runtime: Runtime) -> str | None:
        """The services and parts that do not run."""
        missing = [service for service in (*self.services, *self.parts) if not runtime.running(service)]
        return f"not running: {', '.join(missing)}" if missing else None

    def by_hand(self) -> str:
        """In words."""
        return f"start {', then '.join(self.services)}"

    def as_data(self) -> Undo:
        """As a journal keeps it."""
        return Undo(action="start_in_order", arguments=self.model_dump(mode="json"))


@undoing("nothing")
class Nothing(Record):
    """For what is over as soon as it is done, like data thrown away: no undo brings them back."""

    def carry_out(self, runtime: Runtime) -> None:
        """Nothing."""

    def remains(self, runtime: Runtime) -> str | None:
        """Nothing."""
        return None

    def by_hand(self) -> str:
        """In words."""
        return "nothing is to be done"

    def as_data(self) -> Undo:
        """As a journal keeps it."""
        return Undo(action="nothing", arguments={})


@runtime_checkable
class Pausing(Protocol):
    """A runtime that can let a service stand still."""

    def unpause(self, service: str) -> None:
        """Let it go on; nothing happens where it does."""

    def paused(self, service: str) -> bool:
        """Whether any of it stands still."""


@undoing("unpause")
class Unpause(Record):
    """Let a service go on that was paused."""

    service: str

    def carry_out(self, runtime: Runtime) -> None:
        """Let it go on."""
        _pausing(runtime).unpause(self.service)

    def remains(self, runtime: Runtime) -> str | None:
        """Whether it stands still."""
        return f"paused: {self.service}" if _pausing(runtime).paused(self.service) else None

    def by_hand(self) -> str:
        """In words."""
        return f"unpause {self.service}"

    def as_data(self) -> Undo:
        """As a journal keeps it."""
        return Undo(action="unpause", arguments=self.model_dump(mode="json"))


def _pausing(runtime: Runtime) -> Pausing:
    if not isinstance(runtime, Pausing):
        raise Unmeasurable(f"a runtime of kind {runtime.kind!r} cannot pause services")
    return runtime


@runtime_checkable
class Delaying(Protocol):
    """A runtime that can delay a service's network."""

    def undelay(self, service: str) -> None:
        """Take the delay out; nothing happens where there is none."""

    def delayed(self, service: str) -> bool:
        """Whether the network of any of it is delayed."""


@undoing("undelay")
class Undelay(Record):
    """Take the network delay of a service out."""

    service: str

    def carry_out(self, runtime: Runtime) -> None:
        """Take it out."""
        _delaying(runtime).undelay(self.service)

    def remains(self, runtime: Runtime) -> str | None:
        """Whether the network is delayed."""
        return f"delayed: {self.service}" if _delaying(runtime).delayed(self.service) else None

    def by_hand(self) -> str:
        """In words."""
        return f"take the network delay of {self.service} out"

    def as_data(self) -> Undo:
        """As a journal keeps it."""
        return Undo(action="undelay", arguments=self.model_dump(mode="json"))


def _delaying(runtime: Runtime) -> Delaying:
    if not isinstance(runtime, Delaying):
        raise Unmeasurable(f"a runtime of kind {runtime.kind!r} cannot delay networks")
    return runtime
