"""Phase 3: Failure Injection."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.rehearsal import drill_lines
from pytest_examday.rehearsal.expect import expect

pytestmark = [pytest.mark.phase(number=3), pytest.mark.disruptive]


def test_redis_rate_limits_are_bypassed(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: rate limits temporarily bypassed."""
    drill_lines.expect_probes(redis_outage_evidence, "rate limit")


def test_redis_auth_still_works(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: auth still works."""
    drill_lines.expect_probes(redis_outage_evidence, "login", "refresh")


def test_redis_exams_go_on(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: sessions are created, answered and submitted."""
    drill_lines.expect_probes(redis_outage_evidence, "create", "answer", "submit")


def test_redis_no_request_crashes(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: no request crashes."""
    drill_lines.expect_no_crash(redis_outage_evidence)


def test_redis_warnings_are_logged(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: warnings logged."""
    warnings = redis_outage_evidence.warnings_logged
    expect(warnings is not None, f"INCONCLUSIVE: {redis_outage_evidence.warning_sample}")
    expect(bool(warnings), "no warning was logged while Redis was away")


def test_redis_no_lost_answers(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: no lost answers."""
    drill_lines.expect_nothing_lost(redis_outage_evidence)


def test_redis_recovery_time(redis_outage_evidence: DrillEvidence, environment: Environment) -> None:
    """A) Redis Failure: recovery time."""
    drill_lines.expect_recovery(redis_outage_evidence, environment)


def test_worker_others_serve_traffic(worker_loss_evidence: DrillEvidence) -> None:
    """B) Backend Worker Restart: other workers serve traffic."""
    drill_lines.expect_probes(worker_loss_evidence, "others serve")
    drill_lines.expect_no_crash(worker_loss_evidence)


def test_worker_no_lost_answers(worker_loss_evidence: DrillEvidence) -> None:
    """B) Backend Worker Restart: no lost answers."""
    drill_lines.expect_nothing_lost(worker_loss_evidence)


def test_worker_clients_retry_safely(worker_loss_evidence: DrillEvidence) -> None:
    """B) Backend Worker Restart: clients retry safely."""
    drill_lines.expect_probes(worker_loss_evidence, "retry")
    drill_lines.expect_nobody_stuck(worker_loss_evidence)


def test_worker_recovery_time(worker_loss_evidence: DrillEvidence, environment: Environment) -> None:
    """B) Backend Worker Restart: recovery time."""
    drill_lines.expect_recovery(worker_loss_evidence, environment)
