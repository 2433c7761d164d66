"""The GO/NO-GO gates of an exam (source documents 000 and 001): the hard gates, and the NO-GO triggers as gates too."""

from pytest_examday.core.gate import Gate
from pytest_examday.core.limit_words import exact, share

ZERO_DATA_LOSS = "zero-data-loss"
NO_CORRUPTED_SESSIONS = "no-corrupted-sessions"
P95_LATENCY = "p95-latency"
RECOVERY_TESTED = "recovery-tested"
LOGS_SUFFICIENT = "logs-sufficient"
EXAM_MODE_VERIFIED = "exam-mode-verified"
FAILURES_HANDLED = "failures-handled"
NO_DUPLICATE_SUBMITS = "no-duplicate-submits"
NO_SILENT_FAILURES = "no-silent-failures"
NO_MANUAL_FIXES = "no-manual-fixes"
ERROR_RATE = "error-rate"
EXAM_RULES = "exam-rules"
STABLE_UNDER_LOAD = "stable-under-load"
DB_POOL = "db-pool"

GATES: tuple[Gate, ...] = (
    Gate(ZERO_DATA_LOSS, "Zero data loss verified", 4, hard=True, needs=("load", "integrity_after"), every_drill=True),
    Gate(NO_CORRUPTED_SESSIONS, "No corrupted sessions", 4, hard=True, needs=("load", "integrity_after")),
    Gate(P95_LATENCY, lambda limits: f"p95 latency acceptable (< {exact(limits.p95_ms)}ms)", 2, hard=True),
    Gate(RECOVERY_TESTED, "Recovery tested and successful", 7, hard=True, every_drill=True),
    Gate(LOGS_SUFFICIENT, "Logs sufficient for audit", 6, hard=True, needs=("load",)),
    Gate(EXAM_MODE_VERIFIED, "EXAM_MODE verified", 1, hard=True),
    Gate(FAILURES_HANDLED, "Failure scenarios handled gracefully", 3, hard=True),
    Gate(NO_DUPLICATE_SUBMITS, "No duplicate submits", 4, needs=("integrity_after",)),
    Gate(NO_SILENT_FAILURES, "No silent failures", 6, needs=("load",)),
    Gate(NO_MANUAL_FIXES, "No manual DB fixes needed", 7, needs=("load",), every_drill=True),
    Gate(ERROR_RATE, lambda limits: f"Error rate < {share(limits.error_rate)}", 2),
    Gate(EXAM_RULES, "The rules of the exam hold for every candidate", 5),
    Gate(STABLE_UNDER_LOAD, "Workers stay stable under load", 2),
    Gate(DB_POOL, lambda limits: f"Database pool < {share(limits.pool_usage)} usage", 2),
)
"""The hard gates come first, in the order of the report template."""
