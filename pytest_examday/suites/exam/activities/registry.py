"""All activities in the order in which they run. A new one is one entry here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
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
from pytest_examday.suites.exam.drills.catalogue import CHOSEN, DRILLS
from pytest_examday.suites.exam.exam_workload import gather as gather_drill
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


def _drills(phase: int) -> tuple[Activity, ...]:
    """The drills of that phase."""
    return tuple(
        Activity(drill.activity, phase, DrillEvidence, partial(gather_drill, drill=drill), "disrupt")
        for drill in DRILLS
        if drill.phase == phase
    )


PREFLIGHT = Activity("preflight", 0, PreflightEvidence, preflight.gather, "read", after=())

ACTIVITIES: tuple[Activity, ...] = (
    PREFLIGHT,
    Activity("freeze", 1, FreezeEvidence, freeze.gather, "write"),
    Activity("load", 2, LoadEvidence, load.gather, "write"),
    *_drills(3),
    Activity("integrity", 4, IntegrityEvidence, integrity.gather, "read", after=("preflight", "load")),
    Activity("experience", 5, ExperienceEvidence, experience.gather, "write"),
    Activity("observability", 6, ObservabilityEvidence, observability.gather, "write", after=("preflight", "load")),
    *_drills(7),
    Activity("integrity_after", 7, IntegrityEvidence, integrity.gather, "read", after=("preflight", "recovery")),
)

BY_NAME: dict[str, Activity] = {activity.name: activity for activity in ACTIVITIES}

FURTHER_DRILLS: tuple[Activity, ...] = tuple(BY_NAME[drill.activity] for drill in CHOSEN)


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
