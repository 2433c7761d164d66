"""Phase 7: Recovery Drill, full system restart in the order of the runbook (seed 002)."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.rehearsal import drill_lines

pytestmark = [pytest.mark.phase(number=7), pytest.mark.disruptive]


def test_drill_no_lost_answers(planned_drill_evidence: DrillEvidence) -> None:
    """Full system restart: no lost answers."""
    drill_lines.expect_nothing_lost(planned_drill_evidence)


def test_drill_sessions_continue(planned_drill_evidence: DrillEvidence) -> None:
    """Full system restart: session continuity: everyone submits, and an exam begun before is finished after."""
    drill_lines.expect_nobody_stuck(planned_drill_evidence)
    drill_lines.expect_probes(planned_drill_evidence, "resume after", "submit after")


def test_drill_recovery_time(planned_drill_evidence: DrillEvidence, environment: Environment) -> None:
    """Full system restart: recovery time."""
    drill_lines.expect_recovery(planned_drill_evidence, environment)
