"""Undos as data: an action and its arguments, which any process can read from the journal and carry out.

The plugin's own actions have names, which are registered here with `@undoing("name")`. A user's own action is a class
that any process can import. Its name is `package.module:Class`, and the undo has the folder from which to import it.

A process that reads an undo from a journal refuses every other action. It imports a user's action only from the folder
of its own configuration or from Python's usual import path, because others may have written to the journal.
"""

import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol, Self, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.record import Record
from pytest_examday.runtimes.base import Runtime

Lasts = Literal["drill", "run"]
"""Until when a fault is in: until the end of its drill, or of the whole run."""
_STEPS = ("carry_out", "remains", "by_hand")


def crash_of_undo(problem: Exception) -> str:
    """The message about an exception that no undo and no runtime should raise; without its text, which may hold
    secrets."""
    return f"{type(problem).__name__} in the runtime or the undo"


class Action(Protocol):
    """The action of an undo. Every method may be called any number of times, by any process, and raises Unmeasurable if
    it cannot do its work."""

    def carry_out(self, runtime: Runtime) -> None:
        """Take the fault out; nothing happens if it is out already."""

    def remains(self, runtime: Runtime) -> str | None:
        """What is still wrong, as read back from the platform; None if the fault is shown to be gone."""

    def by_hand(self) -> str:
        """What a person has to do, for instance `start redis`."""


class Undo(Record):
    """An undo as a journal keeps it.

    `action` is one of the names in `ACTIONS`, or the import path `package.module:Class` of a user's own action, which
    is imported from `folder`.
    """

    action: str
    arguments: dict[str, JsonValue]
    folder: str | None = None

    @classmethod
    def of(cls, action: BaseModel) -> Self:
        """The undo as data. The fields of the action are its arguments.

        Raises Unmeasurable if the action has no registered name and no other process could import its class.
        """
        kind: type[Any] = type(action)
        arguments = action.model_dump(mode="json")
        name = next((name for name, kind_of_name in ACTIONS.items() if kind_of_name is kind), None)
        if name is not None:
            return cls(action=name, arguments=arguments)
        undo = cls(action=f"{kind.__module__}:{kind.__qualname__}", arguments=arguments, folder=_folder_of(kind))
        undo.resolve()
        return undo

    @property
    def is_known(self) -> bool:
        """Whether nothing has to be imported for the action."""
        return self.action.partition(":")[0] in sys.modules if ":" in self.action else self.action in ACTIONS

    def resolve(self, within: Path | None = None) -> Action:
        """The action itself; raises Unmeasurable, in one line, if it is unknown, cannot be imported or has wrong
        arguments.

        `within` is the only folder that may be added to the import path, with the folders below it; None for an undo
        that this run has made itself.
        """
        kind = self._imported(within) if ":" in self.action else ACTIONS.get(self.action)
        if kind is None:
            raise Unmeasurable(
                f"unknown undo {self.action!r}; valid: {', '.join(sorted(ACTIONS))}, or package.module:Class"
            )
        try:
            return kind(**self.arguments)
        except (TypeError, ValidationError) as problem:
            raise Unmeasurable(f"malformed undo {self.action!r}: {str(problem).splitlines()[0]}") from None

    def _imported(self, within: Path | None) -> Callable[..., Action]:
        """The user's class. Its folder stays on the import path, because its module may import more of it later."""
        module, _, name = self.action.partition(":")
        if self.folder is not None and self.folder not in sys.path:
            if within is None or Path(self.folder).resolve().is_relative_to(within.resolve()):
                sys.path.insert(0, self.folder)
            elif not self.is_known and find_spec(module.partition(".")[0]) is None:
                raise Unmeasurable(
                    f"undo {self.action!r} stands in {self.folder}, from which nothing is imported: it is not below "
                    f"{within}, the folder of the configuration"
                )
        try:
            imported: Any = getattr(importlib.import_module(module), name)
        except Exception as problem:  # noqa: BLE001 # a user's module may fail in any way while it is imported
            message = next(iter(str(problem).splitlines()), "no message")
            raise Unmeasurable(
                f"undo {self.action!r} cannot be imported from {self.folder}: {type(problem).__name__}: {message}"
            ) from None
        lacking = [step for step in _STEPS if not callable(getattr(imported, step, None))]
        if not isinstance(imported, type) or lacking:
            raise Unmeasurable(f"undo {self.action!r} is no action: it lacks {', '.join(lacking) or 'a class'}")
        return imported


def _folder_of(kind: type[Any]) -> str:
    """The folder that holds the top-level package or module of the class; raises Unmeasurable if no other process could
    import it."""
    module = sys.modules.get(kind.__module__)
    file = getattr(module, "__file__", None)
    if kind.__module__ == "__main__" or "." in kind.__qualname__ or file is None:
        raise Unmeasurable(
            f"undo {kind.__module__}:{kind.__qualname__} cannot be imported by another process: define the class at "
            "the top level of a module that is not run as a program"
        )
    path = Path(file).absolute()
    parts = kind.__module__.count(".") + (path.name == "__init__.py")
    return str(path.parents[parts])


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
    """Start a service that was stopped or killed.

    `parts` must run afterwards, or the service itself if there are none. A service that stands for several, like
    `backend`, has its workers as parts.
    """

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
        """`start SERVICE`."""
        return f"start {self.service}"


@undoing("start_in_order")
class StartInOrder(Record):
    """Start several services one after the other, each up before the next begins (source document 002: infrastructure
    first)."""

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
        """How a person undoes it, in words."""
        return f"start {', then '.join(self.services)}"


@undoing("nothing")
class Nothing(Record):
    """The undo of a fault that is over as soon as it is made, and cannot be undone, like deleted data."""

    def carry_out(self, runtime: Runtime) -> None:
        """Do nothing."""

    def remains(self, runtime: Runtime) -> str | None:
        """None: nothing of such a fault can remain."""
        return None

    def by_hand(self) -> str:
        """How a person undoes it, in words."""
        return "nothing is to be done"


@undoing("unpause")
class Unpause(Record):
    """Let a paused service go on."""

    service: str

    def carry_out(self, runtime: Runtime) -> None:
        """Let it go on."""
        runtime.unpause(self.service)

    def remains(self, runtime: Runtime) -> str | None:
        """Whether the service is still paused."""
        return f"paused: {self.service}" if runtime.paused(self.service) else None

    def by_hand(self) -> str:
        """How a person undoes it, in words."""
        return f"unpause {self.service}"


@undoing("undelay")
class Undelay(Record):
    """Take out the network delay of a service."""

    service: str

    def carry_out(self, runtime: Runtime) -> None:
        """Take it out."""
        runtime.undelay(self.service)

    def remains(self, runtime: Runtime) -> str | None:
        """Whether the network of the service is still delayed."""
        return f"delayed: {self.service}" if runtime.delayed(self.service) else None

    def by_hand(self) -> str:
        """How a person undoes it, in words."""
        return f"take the network delay of {self.service} out"
