"""Phase 6: Observability Review."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import ObservabilityEvidence
from pytest_examday.rehearsal.expect import expect, expect_pool_below

pytestmark = pytest.mark.phase(number=6)


def test_request_duration(observability_evidence: ObservabilityEvidence, environment: Environment) -> None:
    """Request Duration: p50, p95, p99 from the platform's own logs."""
    p95 = observability_evidence.p95_ms
    if p95 is None:
        pytest.fail("INCONCLUSIVE: the log holds no request duration of a time without a fault", pytrace=False)
    expect(p95 <= environment.thresholds.p95_ms, f"p95 {p95:.0f} ms, limit {environment.thresholds.p95_ms:.0f} ms")


def test_database_query_duration(observability_evidence: ObservabilityEvidence) -> None:
    """Database Query Duration: slow and very slow queries."""
    judged = observability_evidence.requests_logged - observability_evidence.requests_disturbed
    expect(judged > 0, "INCONCLUSIVE: the log holds no request of a time without a fault")
    very_slow = observability_evidence.very_slow_queries
    share = very_slow / judged
    expect(share <= 0.01, f"{very_slow} queries took longer than 300 ms, in {share:.1%} of the requests")


def test_error_rates(observability_evidence: ObservabilityEvidence, environment: Environment) -> None:
    """Error Rates: total errors, 5xx errors, error rate."""
    rate = observability_evidence.error_rate
    if rate is None:
        pytest.fail("INCONCLUSIVE: the log holds no request of a time without a fault", pytrace=False)
    limit = environment.thresholds.error_rate
    expect(
        rate <= limit, f"{observability_evidence.server_errors} server errors logged ({rate:.2%}), limit {limit:.0%}"
    )


def test_database_pool_usage(observability_evidence: ObservabilityEvidence, environment: Environment) -> None:
    """Database Pool Usage: peak and average."""
    expect_pool_below(observability_evidence.pool, environment.thresholds.pool_usage)


def test_redis_reconnects(observability_evidence: ObservabilityEvidence) -> None:
    """Redis Reconnects."""
    expect(observability_evidence.redis_reconnects is not None, "INCONCLUSIVE: the platform does not tell reconnects")


def test_request_id_traceability(observability_evidence: ObservabilityEvidence) -> None:
    """Request ID Traceability."""
    seen = observability_evidence
    expect(seen.trace_sampled > 0, "INCONCLUSIVE: there was no request to follow")
    expect(seen.traced == seen.trace_sampled, f"{seen.traced} of {seen.trace_sampled} found; not: {seen.trace_missing}")


def test_failures_are_logged(observability_evidence: ObservabilityEvidence) -> None:
    """Every failure that a client saw is in the log."""
    seen = observability_evidence
    expect(seen.client_failures > 0, "INCONCLUSIVE: no failure was seen, not even the provoked ones")
    expect(seen.failures_logged == seen.client_failures, f"not in the log: {', '.join(seen.failures_silent)}")
