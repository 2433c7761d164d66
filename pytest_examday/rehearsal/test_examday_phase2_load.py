"""Phase 2: Load Generation."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import LoadEvidence
from pytest_examday.rehearsal.expect import expect, expect_pool_below

pytestmark = pytest.mark.phase(number=2)


def _expect_operation(load: LoadEvidence, environment: Environment, operation: str) -> None:
    figures = load.operation(operation)
    if figures is None or figures.judged == 0:
        pytest.fail(f"INCONCLUSIVE: no {operation} was sent", pytrace=False)
    limits = environment.thresholds
    found = (
        f"{operation}: {figures.requests} requests, {figures.success_rate:.1%} succeeded, "
        f"p95 {figures.p95_ms:.0f} ms, {figures.by_outcome}"
    )
    expect((figures.error_rate or 0) <= limits.error_rate, f"{found}; limit {limits.error_rate:.0%} errors")
    steady = next((one for one in load.steady if one.operation == operation), figures)
    expect((steady.p95_ms or 0) <= limits.p95_ms, f"{found}; limit {limits.p95_ms:.0f} ms")


def test_load_was_delivered(load_evidence: LoadEvidence, environment: Environment) -> None:
    """Concurrent users and duration as planned."""
    made = load_evidence.generator
    expect(made.planned_actions > 0, "INCONCLUSIVE: nothing was planned")
    expect(
        made.delivered_actions >= environment.thresholds.delivered_share * made.planned_actions,
        f"INCONCLUSIVE: {made.delivered_actions} of {made.planned_actions} planned writes were sent",
    )
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
    stuck = [fate for fate in load_evidence.fates if not fate.submitted]
    expect(bool(load_evidence.fates), "INCONCLUSIVE: no candidate came to the end of an exam")
    expect(not stuck, f"{len(stuck)} did not submit; first: {stuck[0].candidate}: {stuck[0].story}" if stuck else "")


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
