"""The gates of the staging suite: the Go criteria of the report template (source document 003)."""

from pytest_examday.core.gate import Gate

MIGRATIONS_EXECUTE = "migrations-execute"
WEBHOOKS_END_TO_END = "webhooks-end-to-end"
REMINDERS_SCHEDULED = "reminders-scheduled"
RETENTION_EXECUTES = "retention-executes"
ROLLBACK_TESTED = "rollback-tested"
PERFORMANCE = "performance"
SECURITY = "security"
NO_CRITICAL_ISSUES = "no-critical-issues"

GATES: tuple[Gate, ...] = (
    Gate(MIGRATIONS_EXECUTE, "All migrations execute successfully", 1, hard=True),
    Gate(WEBHOOKS_END_TO_END, "Webhook processing works end-to-end", 2, hard=True),
    Gate(REMINDERS_SCHEDULED, "Reminder scheduling functions correctly", 3, hard=True),
    Gate(RETENTION_EXECUTES, "Data retention executes without errors", 4, hard=True),
    Gate(ROLLBACK_TESTED, "Rollback procedures tested and documented", 5, hard=True),
    Gate(PERFORMANCE, "Performance meets production requirements", 6, hard=True),
    Gate(SECURITY, "Security validations pass", 7, hard=True),
    Gate(NO_CRITICAL_ISSUES, "No critical issues remain", 8, hard=True),
)
"""`suite.py` adds every line that belongs to another gate to `no-critical-issues` too; the lines of phase 8 belong to
it alone."""
