"""What the exam rehearsal does to a platform or reads from it, in running order.

What an activity needs is imported when it runs: judging evidence loads none of it.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_examday.config.drills import DRILL_NAMES, activity_of
from pytest_examday.config.environment import Environment
from pytest_examday.core.activity import Activity, Gather
from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.evidence.phases import (
    DrillEvidence,
    ExperienceEvidence,
    FreezeEvidence,
    LoadEvidence,
    ObservabilityEvidence,
)
from pytest_examday.record import Record

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _gather_of(module: str) -> Gather:
    def gather(target: "Target") -> Record:
        gathered: Record = import_module(f"{__name__}.{module}").gather(target)
        return gathered

    return gather


def _drill(activity: str) -> Gather:
    def gather(target: "Target") -> Record:
        from pytest_examday.suites.exam.drills.catalogue import ALWAYS, CATALOGUE

        drill = next(drill for drill in (*ALWAYS, *CATALOGUE) if drill.activity == activity)
        return drill.gather(target)

    return gather


def _chosen(name: str) -> Callable[[Environment], bool]:
    return lambda environment: name in environment.profile.drill.drills


_REDIS = Activity("redis_outage", 3, DrillEvidence, _drill("redis_outage"), "disrupt", "Redis away for a while")
_WORKER = Activity("worker_loss", 3, DrillEvidence, _drill("worker_loss"), "disrupt", "one worker killed and restarted")
_BACKEND = Activity("recovery", 7, DrillEvidence, _drill("recovery"), "disrupt", "the whole backend restarted")
_FURTHER = tuple(
    Activity(
        activity_of(name),
        7 if name == "system_restart" else 3,
        DrillEvidence,
        _drill(activity_of(name)),
        "disrupt",
        name.replace("_", " "),
        planned=_chosen(name),
    )
    for name in DRILL_NAMES
)
DRILLS = (
    _REDIS,
    _WORKER,
    *(one for one in _FURTHER if one.phase == 3),
    _BACKEND,
    *(one for one in _FURTHER if one.phase == 7),
)

ACTIVITIES: tuple[Activity, ...] = (
    Activity("freeze", 1, FreezeEvidence, _gather_of("freeze"), "write", "exam mode, guards, jobs"),
    Activity("load", 2, LoadEvidence, _gather_of("load"), "write", "an exam lived by candidates"),
    *(drill for drill in DRILLS if drill.phase == 3),
    Activity(
        "integrity",
        4,
        IntegrityEvidence,
        _gather_of("integrity"),
        "read",
        "SQL checks, and the ledger against the database",
        ("preflight", "load"),
    ),
    Activity("experience", 5, ExperienceEvidence, _gather_of("experience"), "write", "refresh, logout, resume, timer"),
    Activity(
        "observability",
        6,
        ObservabilityEvidence,
        _gather_of("observability"),
        "write",
        "logs and metrics",
        ("preflight", "load"),
    ),
    *(drill for drill in DRILLS if drill.phase == 7),
    Activity(
        "integrity_after",
        7,
        IntegrityEvidence,
        _gather_of("integrity"),
        "read",
        "SQL checks and ledger once more, after the recovery drill",
        ("preflight", "recovery"),
    ),
)
