"""An activity: something that a rehearsal does to a platform or reads from it, once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_examday.config.environment import Environment, Permission
from pytest_examday.record import Record

PREFLIGHT = "preflight"
"""The first activity of every rehearsal: it checks that the platform can be reached. Every other activity needs it."""

Gather = Callable[[Any], Record]
"""A function that takes a `pytest_examday.target.target.Target` and returns evidence. The core knows no platform, so
the type of the target is not named here."""


def always(environment: Environment) -> bool:
    """The default of `Activity.in_profile`: every rehearsal has the activity."""
    return True


@dataclass(frozen=True)
class Activity:
    """One activity of a suite.

    `kind` is the type of the record that it leaves as evidence. `permission` is what the environment must allow.
    `after` names the activities that must run before it; with `last` it runs after every other activity of its phase,
    also after those that a plugin adds. `in_profile` says whether a rehearsal has the activity, by the
    profile of its environment. `gather` measures; it raises Unmeasurable where it cannot. `about` describes the
    activity in a few words.
    """

    name: str
    phase: int
    kind: type[Record]
    gather: Gather
    permission: Permission
    about: str
    after: tuple[str, ...] = (PREFLIGHT,)
    in_profile: Callable[[Environment], bool] = always
    last: bool = False


def closure(names: Iterable[str], activities: Mapping[str, Activity]) -> tuple[Activity, ...]:
    """The named activities and all activities that must run before them, in the order of `activities`."""
    wanted: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending += activities[name].after
    return tuple(activity for name, activity in activities.items() if name in wanted)
