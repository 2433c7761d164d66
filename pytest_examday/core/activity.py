"""An activity: something that a rehearsal does to a platform or reads from it, once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_examday.config.environment import Environment, Permission
from pytest_examday.record import Record

PREFLIGHT = "preflight"
"""The first activity of every rehearsal. It checks that the platform can be reached; all other activities need it."""

Gather = Callable[[Any], Record]
"""A function that takes a `pytest_examday.target.target.Target` and returns evidence. The core knows no platform, so
the type of the target is not named here."""


def preflight_of(suite: str) -> str:
    """The name of a preflight that this suite has for itself."""
    return f"{suite}_{PREFLIGHT}"


def in_every_profile(environment: Environment) -> bool:
    """The default of `Activity.runs_in`: the activity is part of every rehearsal."""
    return True


@dataclass(frozen=True)
class Activity:
    """One activity of a suite."""

    name: str
    phase: int
    record_type: type[Record]
    """The type of the record that it leaves as evidence."""
    gather: Gather
    """Measures; raises Unmeasurable if it cannot."""
    permission: Permission
    """What the environment must allow."""
    about: str
    """A description in a few words."""
    runs_after: tuple[str, ...] = (PREFLIGHT,)
    """The activities that must run before it."""
    runs_in: Callable[[Environment], bool] = in_every_profile
    """Whether a rehearsal on this environment has the activity, by its profile."""
    runs_last: bool = False
    """Whether it runs after every other activity of its phase, also after those that a plugin adds."""
    reaches: bool = False
    """Whether it is the preflight of a suite and called `SUITE_preflight`: it tries if the suite's system can be
    reached. If it measures nothing, no activity that runs after it begins. A suite that has one does not get the shared
    preflight."""

    @property
    def is_preflight(self) -> bool:
        """Whether it is the shared preflight, or that of a suite."""
        return self.reaches or self.name == PREFLIGHT


def with_prerequisites(names: Iterable[str], activities: Mapping[str, Activity]) -> tuple[Activity, ...]:
    """The named activities and all activities that must run before them, in the order of `activities`. One that is not
    among these is no part of the rehearsal."""
    needed: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in needed and name in activities:
            needed.add(name)
            pending += activities[name].runs_after
    return tuple(activity for name, activity in activities.items() if name in needed)
