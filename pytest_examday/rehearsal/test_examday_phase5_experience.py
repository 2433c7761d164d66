"""Phase 5: User Experience Validation."""

import pytest

from pytest_examday.evidence.phases import ExperienceEvidence
from pytest_examday.rehearsal.expect import expect

pytestmark = pytest.mark.phase(number=5)


def test_resume_works_after_refresh(experience_evidence: ExperienceEvidence) -> None:
    """Resume works after refresh."""
    probe = experience_evidence.probe("resume")
    expect(probe.passed, probe.detail)


def test_timer_behaves_correctly(experience_evidence: ExperienceEvidence) -> None:
    """Timer behaves correctly."""
    probe = experience_evidence.probe("timer")
    expect(probe.passed, probe.detail)


def test_token_refresh_does_not_interrupt_session(experience_evidence: ExperienceEvidence) -> None:
    """Token refresh does not interrupt session."""
    probe = experience_evidence.probe("refresh")
    expect(probe.passed, probe.detail)


def test_logout_does_not_delete_active_attempt_state(experience_evidence: ExperienceEvidence) -> None:
    """Logout does not delete active attempt state."""
    probe = experience_evidence.probe("logout")
    expect(probe.passed, probe.detail)
