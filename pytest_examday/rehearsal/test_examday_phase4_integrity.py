"""Phase 4: Data Integrity Verification."""

import pytest

from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.rehearsal.expect import expect

pytestmark = pytest.mark.phase(number=4)


def _expect_none(integrity: IntegrityEvidence, name: str) -> None:
    unmeasured = integrity.checks_unmeasured
    expect(unmeasured is None, f"INCONCLUSIVE: {unmeasured}")
    check = integrity.check(name)
    sessions = integrity.summary.sessions if integrity.summary else 0
    expect(sessions > 0, "INCONCLUSIVE: the database holds no session")
    expect(check.count == 0, f"{check.title}: {check.count} (expected 0); for instance {check.sample[:3]}")


def test_orphaned_answers(integrity_evidence: IntegrityEvidence) -> None:
    """Orphaned Answers."""
    _expect_none(integrity_evidence, "orphaned_answers")


def test_duplicate_submits(integrity_evidence: IntegrityEvidence) -> None:
    """Duplicate Submits."""
    _expect_none(integrity_evidence, "duplicate_submits")


def test_missing_answers(integrity_evidence: IntegrityEvidence) -> None:
    """Missing Answers."""
    _expect_none(integrity_evidence, "missing_answers")


def test_unscored_sessions(integrity_evidence: IntegrityEvidence) -> None:
    """Unscored Sessions."""
    _expect_none(integrity_evidence, "unscored_sessions")


def test_answer_question_mismatches(integrity_evidence: IntegrityEvidence) -> None:
    """Answer/Question Mismatches."""
    _expect_none(integrity_evidence, "answer_question_mismatches")


def test_orphaned_events(integrity_evidence: IntegrityEvidence) -> None:
    """Orphaned Events."""
    _expect_none(integrity_evidence, "orphaned_events")


def test_inconsistent_status(integrity_evidence: IntegrityEvidence) -> None:
    """Inconsistent Status."""
    _expect_none(integrity_evidence, "inconsistent_status")


def test_duplicate_mastery_updates(integrity_evidence: IntegrityEvidence) -> None:
    """Duplicate Mastery Updates."""
    _expect_none(integrity_evidence, "duplicate_mastery_updates")


def test_every_acknowledged_answer_is_kept(integrity_evidence: IntegrityEvidence) -> None:
    """The ledger: every acknowledged answer is stored as acknowledged."""
    found = integrity_evidence.reconciliation
    expect(found.acknowledged > 0, "INCONCLUSIVE: no answer was acknowledged, so none could be lost")
    expect(found.unread == 0, f"INCONCLUSIVE: {found.unread} of {found.sessions} sessions could not be read back")
    story = found.findings[0].story if found.findings else ""
    expect(
        found.losses == 0,
        f"lost {found.lost}, overwritten {found.stale}, sessions vanished {found.vanished}; first: {story}",
    )


def test_the_platforms_own_log_agrees(integrity_evidence: IntegrityEvidence) -> None:
    """The ledger: the platform's own log of answers ends with what was acknowledged."""
    found = integrity_evidence.reconciliation
    expect(found.log_read, "INCONCLUSIVE: the platform's own log of answers was not read")
    expect(found.kept > 0, "INCONCLUSIVE: no answer was kept that the log could have")
    expect(
        found.event_missing + found.event_disagrees == 0,
        f"not in the log {found.event_missing}, logged otherwise {found.event_disagrees}",
    )


def test_every_score_is_as_earned(integrity_evidence: IntegrityEvidence) -> None:
    """The ledger: every score is what the acknowledged answers earn."""
    found = integrity_evidence.reconciliation
    expect(found.scores_compared > 0, "INCONCLUSIVE: no score could be compared with acknowledged answers")
    expect(found.wrong_scores == 0, f"{found.wrong_scores} of {found.scores_compared} scores are wrong")


def test_nothing_is_stored_that_nobody_sent(integrity_evidence: IntegrityEvidence) -> None:
    """The ledger: nothing is stored that nobody sent, nothing after the submit, under no other owner."""
    found = integrity_evidence.reconciliation
    expect(found.sessions > 0, "INCONCLUSIVE: the ledger holds no session")
    strange = found.never_sent + found.accepted_after_submit + found.owner_changed
    expect(
        strange == 0,
        f"never sent {found.never_sent}, after the submit {found.accepted_after_submit}, owner {found.owner_changed}",
    )
