"""The activities of the exam suite, in running order.

The module of an activity is imported when the activity runs, so that judging evidence does not load it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pytest_examday.config.environment import Environment
from pytest_examday.core.activity import PREFLIGHT, Activity, Gather
from pytest_examday.drills.drill import Drill
from pytest_examday.drills.resolve_drills import running_drills
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.record import Record
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.evidence import (
    ExamModeEvidence,
    ExperienceEvidence,
    FreezeEvidence,
    IntegrityEvidence,
    LoadEvidence,
    ObservabilityEvidence,
)

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

EXAM_MODE = "exam_mode"
"""The activity that switches exam mode on; it is part of a rehearsal if the environment says how."""
_IN_EXAM_MODE = (PREFLIGHT, EXAM_MODE)
"""What runs before an activity that needs exam mode."""


def _gather_of(module: str) -> Gather:
    def gather(target: "Target") -> Record:
        gathered: Record = import_module(f"{__name__}.{module}").gather(target)
        return gathered

    return gather


def drill_activity(drill: Drill) -> Activity:
    """The activity that runs this drill with candidates of the exam."""

    def gather(target: "Target") -> Record:
        from pytest_examday.suites.exam.drills.exam_workload import gather

        return gather(target, drill)

    def in_profile(environment: Environment) -> bool:
        return drill in running_drills(environment, environment.profile.drill.drills, (drill,))

    return Activity(
        drill.activity, drill.phase, DrillEvidence, gather, "disrupt", drill.title, _IN_EXAM_MODE, runs_in=in_profile
    )


def _switches(environment: Environment) -> bool:
    """Whether the environment says how exam mode is switched on."""
    return environment.exam_mode is not None and environment.exam_mode.on is not None


def _drills(phase: int) -> tuple[Activity, ...]:
    return tuple(drill_activity(drill) for drill in DRILLS if drill.phase == phase)


ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        EXAM_MODE,
        1,
        ExamModeEvidence,
        _gather_of("switch_exam_mode"),
        "write",
        "switches exam mode on until the end of the run",
        runs_in=_switches,
    ),
    Activity(
        "freeze",
        1,
        FreezeEvidence,
        _gather_of("freeze"),
        "write",
        "exam mode, protected operations, jobs",
        _IN_EXAM_MODE,
    ),
    Activity("load", 2, LoadEvidence, _gather_of("load"), "write", "a whole exam under load", _IN_EXAM_MODE),
    *_drills(3),
    Activity(
        "integrity",
        4,
        IntegrityEvidence,
        _gather_of("integrity"),
        "read",
        "SQL checks, and the ledger against the database",
        ("preflight", "load"),
    ),
    Activity(
        "experience",
        5,
        ExperienceEvidence,
        _gather_of("experience"),
        "write",
        "page reload, token refresh, logout, the rules of the exam",
        _IN_EXAM_MODE,
    ),
    Activity(
        "observability",
        6,
        ObservabilityEvidence,
        _gather_of("observability"),
        "write",
        "logs and metrics",
        (*_IN_EXAM_MODE, "load"),
    ),
    *_drills(7),
    Activity(
        "integrity_after",
        7,
        IntegrityEvidence,
        _gather_of("integrity"),
        "read",
        "SQL checks and ledger once more, after the recovery drill",
        ("preflight", "drill_backend_restart"),
        runs_last=True,
    ),
)
