"""The GO/NO-GO gates."""

from collections.abc import Callable

import pytest

Judge = Callable[[], None]


@pytest.mark.gate(name="zero-data-loss")
def test_zero_data_loss(judge: Judge) -> None:
    """Zero data loss verified."""
    judge()


@pytest.mark.gate(name="no-corrupted-sessions")
def test_no_corrupted_sessions(judge: Judge) -> None:
    """No corrupted sessions."""
    judge()


@pytest.mark.gate(name="p95-latency")
def test_p95_latency(judge: Judge) -> None:
    """p95 latency acceptable (< 500ms)."""
    judge()


@pytest.mark.disruptive
@pytest.mark.gate(name="recovery-tested")
def test_recovery_tested(judge: Judge) -> None:
    """Recovery tested and successful."""
    judge()


@pytest.mark.gate(name="logs-sufficient")
def test_logs_sufficient(judge: Judge) -> None:
    """Logs sufficient for audit."""
    judge()


@pytest.mark.gate(name="exam-mode-verified")
def test_exam_mode_verified(judge: Judge) -> None:
    """EXAM_MODE verified."""
    judge()


@pytest.mark.disruptive
@pytest.mark.gate(name="failures-handled")
def test_failures_handled(judge: Judge) -> None:
    """Failure scenarios handled gracefully."""
    judge()


@pytest.mark.gate(name="no-duplicate-submits")
def test_no_duplicate_submits(judge: Judge) -> None:
    """No duplicate submits."""
    judge()


@pytest.mark.gate(name="no-silent-failures")
def test_no_silent_failures(judge: Judge) -> None:
    """No silent failures."""
    judge()


@pytest.mark.disruptive
@pytest.mark.gate(name="no-manual-fixes")
def test_no_manual_fixes(judge: Judge) -> None:
    """No manual DB fixes needed."""
    judge()


@pytest.mark.gate(name="error-rate")
def test_error_rate(judge: Judge) -> None:
    """Error rate < 1%."""
    judge()


@pytest.mark.gate(name="db-pool")
def test_db_pool(judge: Judge) -> None:
    """Database pool < 80% usage."""
    judge()
