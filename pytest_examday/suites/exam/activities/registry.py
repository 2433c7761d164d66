"""All activities in the order in which they run. A new one is one entry here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pytest_examday.config.environment import Permission
from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.evidence.phases import (
    DrillEvidence,
    ExperienceEvidence,
    FreezeEvidence,
    LoadEvidence,
    ObservabilityEvidence,
    PreflightEvidence,
)
from pytest_examday.record import Record
from pytest_examday.suites.exam.activities import (
    experience,
    freeze,
    integrity,
    load,
    observability,
    preflight,
)
from pytest_examday.suites.exam.drills.catalogue import ALWAYS, CATALOGUE, Described
from pytest_examday.target.target import Target


@dataclass(frozen=True)
class Activity:
    """One activity: what it leaves, what it must be allowed to do, and which others come before it."""

    name: str
    phase: int
    kind: type[Record]
    gather: Callable[[Target], Record]
    permission: Permission
    after: tuple[str, ...] = ("preflight",)


def _drills(phase: int, *groups: Iterable[Described]) -> tuple[Activity, ...]:
    """The drills of that phase."""
    return tuple(
        Activity(drill.activity, phase, DrillEvidence, drill.gather, "disrupt")
        for drill in chain(*groups)
        if drill.phase == phase
    )


PREFLIGHT = Activity("preflight", 0, PreflightEvidence, preflight.gather, "read", after=())

ACTIVITIES: tuple[Activity, ...] = (
    PREFLIGHT,
    Activity("freeze", 1, FreezeEvidence, freeze.gather, "write"),
    Activity("load", 2, LoadEvidence, load.gather, "write"),
    *_drills(3, ALWAYS, CATALOGUE),
    Activity("integrity", 4, IntegrityEvidence, integrity.gather, "read", after=("preflight", "load")),
    Activity("experience", 5, ExperienceEvidence, experience.gather, "write"),
    Activity("observability", 6, ObservabilityEvidence, observability.gather, "write", after=("preflight", "load")),
    *_drills(7, ALWAYS, CATALOGUE),
    Activity("integrity_after", 7, IntegrityEvidence, integrity.gather, "read", after=("preflight", "recovery")),
)

FURTHER_DRILLS: tuple[Activity, ...] = (*_drills(3, CATALOGUE), *_drills(7, CATALOGUE))

BY_NAME: dict[str, Activity] = {activity.name: activity for activity in ACTIVITIES}


def closure(names: Iterable[str]) -> tuple[Activity, ...]:
    """The named activities and all that come before them, in running order."""
    wanted: set[str] = set()
    open_names: list[Any] = list(names)
    while open_names:
        name = open_names.pop()
        if name not in wanted:
            wanted.add(name)
            open_names += BY_NAME[name].after
    return tuple(activity for activity in ACTIVITIES if activity.name in wanted)
