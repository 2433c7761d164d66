"""Phase 3: Failure Injection."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.rehearsal.expect import expect

pytestmark = [pytest.mark.phase(number=3), pytest.mark.disruptive]


def _expect_probes(drill: DrillEvidence, *words: str) -> None:
    """Every probe whose name holds one of the words passed, and there is one."""
    made = [probe for probe in drill.probes if any(word in probe.name for word in words)]
    expect(bool(made), f"INCONCLUSIVE: nothing was tried for {' or '.join(words)}")
    wrong = [f"{probe.name}: {probe.detail}" for probe in made if not probe.passed]
    expect(not wrong, "; ".join(wrong))


def _expect_no_crash(drill: DrillEvidence) -> None:
    during = drill.during.overall
    expect(during.judged > 0, "INCONCLUSIVE: no candidate sent anything while the fault was in")
    crashed = drill.crashed(during)
    expect(crashed == 0, f"{crashed} of {during.judged} requests crashed while the fault was in")


def _expect_nothing_lost(drill: DrillEvidence) -> None:
    found = drill.reconciliation
    if found is None or found.acknowledged == 0:
        pytest.fail("INCONCLUSIVE: no acknowledged answer of this drill was compared with the database", pytrace=False)
    story = found.findings[0].story if found.findings else ""
    expect(found.losses == 0, f"{found.losses} acknowledged writes lost or changed; first: {story}")


def _expect_recovery(drill: DrillEvidence, environment: Environment) -> None:
    limit = environment.thresholds.recovery_seconds
    expect(drill.fault_gone, f"the fault is still in: {drill.fault_gone_detail}")
    expect(bool(drill.recoveries), "INCONCLUSIVE: recovery was not watched")
    late = [one for one in drill.recoveries if one.seconds is None or one.seconds > limit]
    expect(not late, "; ".join(f"{one.name} not back after {limit:.0f} s {one.detail}".strip() for one in late))


def test_redis_rate_limits_are_bypassed(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: rate limits temporarily bypassed."""
    _expect_probes(redis_outage_evidence, "rate limit")


def test_redis_auth_still_works(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: auth still works."""
    _expect_probes(redis_outage_evidence, "login", "refresh")


def test_redis_exams_go_on(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: sessions are created, answered and submitted."""
    _expect_probes(redis_outage_evidence, "create", "answer", "submit")


def test_redis_no_request_crashes(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: no request crashes."""
    _expect_no_crash(redis_outage_evidence)


def test_redis_warnings_are_logged(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: warnings logged."""
    warnings = redis_outage_evidence.warnings_logged
    expect(warnings is not None, f"INCONCLUSIVE: {redis_outage_evidence.warning_sample}")
    expect(bool(warnings), "no warning was logged while Redis was away")


def test_redis_no_lost_answers(redis_outage_evidence: DrillEvidence) -> None:
    """A) Redis Failure: no lost answers."""
    _expect_nothing_lost(redis_outage_evidence)


def test_redis_recovery_time(redis_outage_evidence: DrillEvidence, environment: Environment) -> None:
    """A) Redis Failure: recovery time."""
    _expect_recovery(redis_outage_evidence, environment)


def test_worker_others_serve_traffic(worker_loss_evidence: DrillEvidence) -> None:
    """B) Backend Worker Restart: other workers serve traffic."""
    _expect_probes(worker_loss_evidence, "others serve")
    _expect_no_crash(worker_loss_evidence)


def test_worker_no_lost_answers(worker_loss_evidence: DrillEvidence) -> None:
    """B) Backend Worker Restart: no lost answers."""
    _expect_nothing_lost(worker_loss_evidence)


def test_worker_clients_retry_safely(worker_loss_evidence: DrillEvidence) -> None:
    """B) Backend Worker Restart: clients retry safely."""
    _expect_probes(worker_loss_evidence, "retry")


def test_worker_recovery_time(worker_loss_evidence: DrillEvidence, environment: Environment) -> None:
    """B) Backend Worker Restart: recovery time."""
    _expect_recovery(worker_loss_evidence, environment)
