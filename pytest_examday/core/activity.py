"""What a rehearsal does to a platform or reads from it, once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_examday.config.environment import Environment, Permission
from pytest_examday.record import Record

PREFLIGHT = "preflight"
"""The activity that reaches the platform before anything else; every other one needs it."""

Gather = Callable[[Any], Record]
"""Takes a `pytest_examday.target.target.Target`; the core knows no platform, so its type is not named here."""


def always(environment: Environment) -> bool:
    """Every rehearsal has it."""
    return True


@dataclass(frozen=True)
class Activity:
    """One activity.

    `kind` is the record that it leaves as evidence; `permission` is what the environment must allow; `after` names the
    activities that must have run before; `planned` says whether a rehearsal on an environment has it. `gather` raises
    Unmeasurable where it cannot measure.
    """

    name: str
    phase: int
    kind: type[Record]
    gather: Gather
    permission: Permission
    about: str
    after: tuple[str, ...] = (PREFLIGHT,)
    planned: Callable[[Environment], bool] = always


def closure(names: Iterable[str], activities: Mapping[str, Activity]) -> tuple[Activity, ...]:
    """The named activities and all that come before them, in running order (the order of `activities`)."""
    wanted: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending += activities[name].after
    return tuple(activity for name, activity in activities.items() if name in wanted)
