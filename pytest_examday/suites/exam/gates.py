"""The GO/NO-GO gates of an exam (seeds 000 and 001): the hard gates, and the NO-GO triggers as gates too."""

from pytest_examday.core.gate import Gate
from pytest_examday.core.limit_words import exact, share

GATES: tuple[Gate, ...] = (
    Gate(
        "zero-data-loss", "Zero data loss verified", 4, hard=True, needs=("load", "integrity_after"), every_drill=True
    ),
    Gate("no-corrupted-sessions", "No corrupted sessions", 4, hard=True, needs=("load", "integrity_after")),
    Gate("p95-latency", lambda limits: f"p95 latency acceptable (< {exact(limits.p95_ms)}ms)", 2, hard=True),
    Gate("recovery-tested", "Recovery tested and successful", 7, hard=True, every_drill=True),
    Gate("logs-sufficient", "Logs sufficient for audit", 6, hard=True, needs=("load",)),
    Gate("exam-mode-verified", "EXAM_MODE verified", 1, hard=True),
    Gate("failures-handled", "Failure scenarios handled gracefully", 3, hard=True),
    Gate("no-duplicate-submits", "No duplicate submits", 4, needs=("integrity_after",)),
    Gate("no-silent-failures", "No silent failures", 6, needs=("load",)),
    Gate("no-manual-fixes", "No manual DB fixes needed", 7, needs=("load",), every_drill=True),
    Gate("error-rate", lambda limits: f"Error rate < {share(limits.error_rate)}", 2),
    Gate("exam-rules", "The rules of the exam hold for every candidate", 5),
    Gate("stable-under-load", "Workers stay stable under load", 2),
    Gate("db-pool", lambda limits: f"Database pool < {share(limits.pool_usage)} usage", 2),
)
"""The hard gates come first, in the order of the report template."""
