"""The types of what fixtures give, for annotations in tests of your own.

Their modules are private and may move; these names stay (`docs/compatibility.md`).
"""

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.evidence.phases import (
    DrillEvidence,
    ExperienceEvidence,
    FreezeEvidence,
    LoadEvidence,
    ObservabilityEvidence,
    PreflightEvidence,
)
from pytest_examday.runtimes.base import Runtime
from pytest_examday.session.rehearsal import Rehearsal
from pytest_examday.target.api import Api
from pytest_examday.target.connections import Connection

__all__ = [
    "Api",
    "Connection",
    "DrillEvidence",
    "Environment",
    "ExperienceEvidence",
    "FreezeEvidence",
    "IntegrityEvidence",
    "LoadEvidence",
    "ObservabilityEvidence",
    "PreflightEvidence",
    "Rehearsal",
    "Runtime",
]
