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


def in_every_profile(environment: Environment) -> bool:
    """The default of `Activity.in_profile`: every rehearsal has the activity."""
    return True


@dataclass(frozen=True)
class Activity:
    """One activity of a suite.

    `record_type` is the type of the record that it leaves as evidence. `permission` is what the environment must allow.
    `runs_after` names the activities that must run before it; with `runs_last` it runs after every other activity of its phase,
    also after those that a plugin adds. `runs_in` says whether a rehearsal has the activity, by the
    profile of its environment. `gather` measures; it raises Unmeasurable where it cannot. `about` describes the
    activity in a few words.
    """

    name: str
    phase: int
    record_type: type[Record]
    gather: Gather
    permission: Permission
    about: str
    runs_after: tuple[str, ...] = (PREFLIGHT,)
    runs_in: Callable[[Environment], bool] = in_every_profile
    runs_last: bool = False


def with_prerequisites(names: Iterable[str], activities: Mapping[str, Activity]) -> tuple[Activity, ...]:
    """The named activities and all activities that must run before them, in the order of `activities`."""
    wanted: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending += activities[name].runs_after
    return tuple(activity for name, activity in activities.items() if name in wanted)
