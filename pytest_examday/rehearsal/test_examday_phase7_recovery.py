"""Phase 7: Recovery Drill."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.rehearsal import drill_lines
from pytest_examday.rehearsal.expect import expect

pytestmark = [pytest.mark.phase(number=7), pytest.mark.disruptive]


def _expect_restored(drill: DrillEvidence, environment: Environment, name: str) -> None:
    limit = environment.thresholds.recovery_seconds
    found = [one for one in drill.recoveries if one.name == name]
    expect(bool(found), f"INCONCLUSIVE: the recovery of {name} was not watched")
    seconds = found[0].seconds
    expect(seconds is not None, f"{name} had not recovered after {limit:.0f} s: {found[0].detail}")
    expect((seconds or 0) <= limit, f"{name} recovered after {seconds} s, limit {limit:.0f} s")


def test_restart_time(recovery_evidence: DrillEvidence) -> None:
    """Restart Time."""
    expect(recovery_evidence.restart_seconds is not None, "INCONCLUSIVE: the restart was not timed")
    expect(recovery_evidence.fault_gone, recovery_evidence.fault_gone_detail)


def test_recovery_time(recovery_evidence: DrillEvidence, environment: Environment) -> None:
    """Recovery Time."""
    limit = environment.thresholds.recovery_seconds
    seconds = recovery_evidence.recovery_seconds
    late = [one.name for one in recovery_evidence.recoveries if one.seconds is None]
    expect(seconds is not None, f"not recovered after {limit:.0f} s: {', '.join(late) or 'nothing was watched'}")
    expect((seconds or 0) <= limit, f"recovered after {seconds} s, limit {limit:.0f} s")


def test_health_is_restored(recovery_evidence: DrillEvidence, environment: Environment) -> None:
    """Services Restored: health endpoint."""
    _expect_restored(recovery_evidence, environment, "health")


def test_ready_is_restored(recovery_evidence: DrillEvidence, environment: Environment) -> None:
    """Services Restored: ready endpoint."""
    _expect_restored(recovery_evidence, environment, "ready")


def test_session_creation_is_restored(recovery_evidence: DrillEvidence, environment: Environment) -> None:
    """Services Restored: session creation."""
    _expect_restored(recovery_evidence, environment, "create")


def test_answer_submission_is_restored(recovery_evidence: DrillEvidence, environment: Environment) -> None:
    """Services Restored: answer submission."""
    _expect_restored(recovery_evidence, environment, "answer")


def test_session_submit_is_restored(recovery_evidence: DrillEvidence, environment: Environment) -> None:
    """Services Restored: session submit."""
    _expect_restored(recovery_evidence, environment, "submit")


def test_sessions_continue(recovery_evidence: DrillEvidence) -> None:
    """Session continuity: every candidate submits, without a person's help."""
    drill_lines.expect_nobody_stuck(recovery_evidence)


def test_data_consistency(integrity_after_evidence: IntegrityEvidence) -> None:
    """Data Consistency."""
    found = integrity_after_evidence.reconciliation
    expect(found.acknowledged > 0, "INCONCLUSIVE: no answer was acknowledged, so none could be lost")
    wrong = [f"{check.title}: {check.count}" for check in integrity_after_evidence.checks if check.count]
    wrong += [f"acknowledged writes lost or changed: {found.losses}"] if found.losses else []
    expect(not wrong, "; ".join(wrong))
    unmeasured = integrity_after_evidence.checks_unmeasured
    expect(unmeasured is None, f"INCONCLUSIVE: {unmeasured}")
    expect(found.unread == 0, f"INCONCLUSIVE: {found.unread} of {found.sessions} sessions could not be read back")
