"""Phase 3: Failure Injection, the drills that the profile adds."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.rehearsal import drill_lines

pytestmark = [pytest.mark.phase(number=3), pytest.mark.disruptive]


def test_drill_expected_behavior(planned_drill_evidence: DrillEvidence) -> None:
    """Further drills: everything that was tried worked."""
    drill_lines.expect_probes(planned_drill_evidence, "")


def test_drill_no_request_crashes(planned_drill_evidence: DrillEvidence) -> None:
    """Further drills: no request crashes but those that the fault itself cuts."""
    drill_lines.expect_no_crash(planned_drill_evidence)


def test_drill_harm_stays_within_limits(planned_drill_evidence: DrillEvidence) -> None:
    """Further drills: the platform suffers no more than the drill allows."""
    drill_lines.expect_no_stop(planned_drill_evidence)


def test_drill_no_lost_answers(planned_drill_evidence: DrillEvidence) -> None:
    """Further drills: no lost answers."""
    drill_lines.expect_nothing_lost(planned_drill_evidence)


def test_drill_clients_retry_safely(planned_drill_evidence: DrillEvidence) -> None:
    """Further drills: clients retry safely; everyone submits, and an exam begun before is finished after."""
    drill_lines.expect_nobody_stuck(planned_drill_evidence)
    drill_lines.expect_probes(planned_drill_evidence, "resume after", "submit after")


def test_drill_recovery_time(planned_drill_evidence: DrillEvidence, environment: Environment) -> None:
    """Further drills: recovery time."""
    drill_lines.expect_recovery(planned_drill_evidence, environment)
