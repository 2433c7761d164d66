"""The sections of the report template that this version does not rehearse.

Their lines exist and are INCONCLUSIVE, so no verdict is GO. Whoever builds a section removes its entry from
`NOT_YET_REHEARSED`.
"""

from dataclasses import dataclass

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.gates import (
    NO_CRITICAL_ISSUES,
    PERFORMANCE,
    REMINDERS_SCHEDULED,
    RETENTION_EXECUTES,
    ROLLBACK_TESTED,
    SECURITY,
)


@dataclass(frozen=True)
class UnbuiltSection:
    """A section of the template, or a part of one, that is not rehearsed."""

    phase: int
    what: str
    """What is not rehearsed, for the sentence `this version does not rehearse …`."""
    gate: str
    statements: tuple[tuple[str, str], ...]
    """Key of a line, and its words."""

    @property
    def reason(self) -> str:
        """Why its lines are INCONCLUSIVE."""
        return f"this version does not rehearse {self.what}"

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines."""

        def judge(measured: Measured, findings: Findings) -> None:
            raise Unmeasurable(self.reason)

        return tuple(Line(key, words, self.phase, (), judge, (self.gate,)) for key, words in self.statements)


NOT_YET_REHEARSED = (
    UnbuiltSection(
        3,
        "the job queue and the scheduler",
        REMINDERS_SCHEDULED,
        (
            ("scheduler-manual-trigger", "Manual trigger execution"),
            ("scheduler-cron", "Cron job scheduling"),
            ("scheduler-company-scope", "Company-scoped processing"),
            ("scheduler-concurrency", "Concurrent processing protection"),
            ("scheduler-status", "Status endpoint functionality"),
            ("jobs-insertion", "Job insertion"),
            ("jobs-processing", "Job processing"),
            ("jobs-reminders", "Reminder scheduling logic"),
            ("jobs-offsets", "Offset calculations (0,2,4 days)"),
            ("jobs-attempts", "Attempt tracking"),
        ),
    ),
    UnbuiltSection(
        4,
        "data retention",
        RETENTION_EXECUTES,
        (
            ("retention-events", "Event retention (30/60 days)"),
            ("retention-gdpr", "GDPR compliance of the clean-up"),
            ("retention-payloads", "Payload purging"),
            ("retention-privacy", "Privacy maintenance"),
        ),
    ),
    UnbuiltSection(
        5,
        "the rollback of the application, nor backups",
        ROLLBACK_TESTED,
        (
            ("rollback-application", "Application rollback tested"),
            ("rollback-application-recovers", "Application recovery verified"),
            ("rollback-data-consistent", "Data consistency maintained"),
            ("rollback-data-recovery", "Data recovery procedures"),
            ("rollback-backup", "Backup integrity verified"),
        ),
    ),
    UnbuiltSection(
        6,
        "performance under load",
        PERFORMANCE,
        (
            ("performance-response-time", "Response time < 5 seconds"),
            ("performance-memory", "Memory usage < limits"),
            ("performance-errors", "Error rate < 5%"),
            ("performance-connections", "Database connections stable"),
        ),
    ),
    UnbuiltSection(
        7,
        "the security of the environment and of the application",
        SECURITY,
        (
            ("security-secrets-encrypted", "Secrets encrypted"),
            ("security-no-hardcoded-credentials", "No hardcoded credentials"),
            ("security-tls", "SSL/TLS enabled"),
            ("security-database-tls", "Database SSL required"),
            ("security-input-validation", "Input validation active"),
            ("security-sql-injection", "SQL injection protection"),
            ("security-xss", "XSS prevention"),
            ("security-authentication", "Authentication enforced"),
        ),
    ),
    UnbuiltSection(
        8,
        "monitoring and alerting",
        NO_CRITICAL_ISSUES,
        (
            ("monitoring-application-health", "Application health endpoint"),
            ("monitoring-database-health", "Database health check"),
            ("monitoring-webhook-status", "Webhook processing status"),
            ("monitoring-structured-logs", "Structured logging active"),
            ("monitoring-error-logs", "Error logging functional"),
            ("monitoring-security-events", "Security events logged"),
            ("monitoring-thresholds", "Error thresholds configured"),
            ("monitoring-alerts", "Alert channels tested"),
            ("monitoring-dashboards", "Monitoring dashboards"),
        ),
    ),
)
