"""The public types: of what fixtures give and of what hooks return, for annotations in your own code.

The modules that define them are private and may move; these names stay (`docs/compatibility.md`).
"""

from pytest_examday.config.addresses import DatabaseUrl, RedisUrl
from pytest_examday.config.beside_configuration import ConfiguredPath
from pytest_examday.config.environment import Environment
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.activity import Activity
from pytest_examday.core.findings import Findings
from pytest_examday.core.gate import Gate
from pytest_examday.core.line import Line, WordsOfTable
from pytest_examday.core.measured import Measured
from pytest_examday.core.suite import Suite
from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.undo import Undo
from pytest_examday.record import Record
from pytest_examday.runtimes.base import Runtime
from pytest_examday.session.rehearsal import Rehearsal
from pytest_examday.suites.exam.evidence import (
    ExamModeEvidence,
    ExperienceEvidence,
    FreezeEvidence,
    IntegrityEvidence,
    LoadEvidence,
    ObservabilityEvidence,
)
from pytest_examday.suites.staging.evidence import StagingPreflight
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence
from pytest_examday.suites.staging.webhooks.evidence import WebhooksEvidence
from pytest_examday.target.api import Api
from pytest_examday.target.database import Connection
from pytest_examday.target.target import Target

__all__ = [
    "Activity",
    "Api",
    "ConfiguredPath",
    "Connection",
    "DatabaseUrl",
    "Drill",
    "DrillEvidence",
    "Environment",
    "ExamModeEvidence",
    "ExperienceEvidence",
    "Fault",
    "Findings",
    "FreezeEvidence",
    "Gate",
    "IntegrityEvidence",
    "Line",
    "LoadEvidence",
    "Measured",
    "MigrationsEvidence",
    "ObservabilityEvidence",
    "PreflightEvidence",
    "Probe",
    "Record",
    "RedisUrl",
    "Rehearsal",
    "Runtime",
    "StagingPreflight",
    "Suite",
    "Target",
    "Thresholds",
    "Undo",
    "Unmeasurable",
    "WebhooksEvidence",
    "WordsOfTable",
]
