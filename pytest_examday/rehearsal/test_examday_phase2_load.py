"""Phase 2: Load Generation."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import LoadEvidence
from pytest_examday.rehearsal.expect import expect, expect_pool_below
from pytest_examday.suites.exam.gates.delivery import delivery_doubts

pytestmark = pytest.mark.phase(number=2)


def _expect_operation(load: LoadEvidence, environment: Environment, operation: str) -> None:
    figures = load.operation(operation)
    if figures is None or figures.judged == 0:
        pytest.fail(f"INCONCLUSIVE: no {operation} was sent", pytrace=False)
    limits = environment.thresholds
    found = f"{operation}: {figures.requests} requests, {figures.success_rate:.1%} succeeded, {figures.by_outcome}"
    expect((figures.error_rate or 0) <= limits.error_rate, f"{found}; limit {limits.error_rate:.0%} errors")
    steady = load.after_ramp(operation)
    if steady is None or steady.p95_ms is None or steady.response_p95_ms is None:
        pytest.fail(f"INCONCLUSIVE: {found}; no service and response time after the ramp", pytrace=False)
    felt = f"{found}; p95 {steady.p95_ms:.0f} ms, as candidates felt it {steady.response_p95_ms:.0f} ms"
    expect(
        max(steady.p95_ms, steady.response_p95_ms) <= limits.p95_ms,
        f"{felt}, {steady.limited} refused by a rate limit; limit {limits.p95_ms:.0f} ms",
    )


def test_load_was_delivered(load_evidence: LoadEvidence, environment: Environment) -> None:
    """Concurrent users and duration as planned."""
    made = load_evidence.generator
    doubts = "; ".join(delivery_doubts(load_evidence, environment.thresholds))
    expect(not doubts, f"INCONCLUSIVE: {doubts}")
    expect(
        made.finished_candidates == made.planned_candidates,
        f"{made.finished_candidates} of {made.planned_candidates} candidates came to the end of their exam",
    )


def test_session_creation(load_evidence: LoadEvidence, environment: Environment) -> None:
    """Session Creation: success rate, p50, p95, p99, errors."""
    _expect_operation(load_evidence, environment, "create")


def test_answer_submissions(load_evidence: LoadEvidence, environment: Environment) -> None:
    """Answer Submissions: success rate, p50, p95, p99, errors."""
    _expect_operation(load_evidence, environment, "answer")


def test_session_submits(load_evidence: LoadEvidence, environment: Environment) -> None:
    """Session Submits: success rate, p50, p95, p99, errors."""
    _expect_operation(load_evidence, environment, "submit")


def test_every_candidate_submitted(load_evidence: LoadEvidence) -> None:
    """Every candidate submitted in time."""
    expect(bool(load_evidence.fates), "INCONCLUSIVE: no candidate came to the end of an exam")
    expect("submit" not in load_evidence.left_out, "INCONCLUSIVE: nobody was to submit in this load")
    stuck = [harm for harm in load_evidence.harmed if harm.harm == "no-submit"]
    expect(not stuck, f"{len(stuck)} did not; first: {stuck[0].candidate}: {stuck[0].story}" if stuck else "")


def test_nobody_was_harmed_by_waiting(load_evidence: LoadEvidence) -> None:
    """No candidate waited longer than the limit on any action."""
    harmed = [harm for harm in load_evidence.harmed if harm.harm == "waited-too-long"]
    expect(bool(load_evidence.fates), "INCONCLUSIVE: no candidate came to the end of an exam")
    expect(not harmed, "; ".join(f"{harm.candidate} {harm.story}" for harm in harmed))


def test_database_connection_pool(load_evidence: LoadEvidence, environment: Environment) -> None:
    """Database Connection Pool: peak connections, pool size, overflow, exhaustion."""
    expect_pool_below(load_evidence.pool, environment.thresholds.pool_usage)


def test_redis_status(load_evidence: LoadEvidence) -> None:
    """Redis Status: connection failures, degradation handled."""
    failures = load_evidence.redis_connection_failures
    expect(failures is not None, "INCONCLUSIVE: the platform does not tell its Redis failures")
    expect(failures == 0, f"{failures} Redis connection failures under load, with nothing injected")
    expect(load_evidence.ready_degraded == 0, f"not ready {load_evidence.ready_degraded} times under load")
