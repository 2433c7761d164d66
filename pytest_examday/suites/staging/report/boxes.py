"""The boxes of the report template (source document 003), section by section, and the lines that each states."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BoxOf:
    """One box: the lines of which it shows the worst outcome, and its label; an empty label stands for the words of the
    line."""

    label: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The boxes below one heading of a section."""

    heading: str
    boxes: tuple[BoxOf, ...]


def _lines(heading: str, *keys: str) -> Group:
    """Boxes of one line each, whose words are the label."""
    return Group(heading, tuple(BoxOf("", (key,)) for key in keys))


MIGRATION_ROLLBACK = "Migration rollback tested"
"""The box for all lines of `rollback-tested` that belong to another section than the fifth."""

GROUPS: dict[int, tuple[Group, ...]] = {
    1: (
        _lines(
            "Data Integrity Checks",
            "table-creation-verified",
            "rls-policies-active",
            "foreign-keys-working",
            "performance-indexes-created",
            "no-data-corruption-detected",
        ),
    ),
    2: (
        _lines(
            "Security Tests",
            "webhooks-signature",
            "webhooks-replay",
            "webhooks-timestamp",
            "webhooks-rate-limit",
            "webhooks-idempotency",
        ),
        _lines(
            "Processing Tests",
            "webhooks-event-ingestion",
            "webhooks-payload-encryption",
            "webhooks-recovery-attribution",
            "webhooks-minimal-payload",
            "webhooks-gdpr",
        ),
    ),
    3: (
        _lines(
            "Scheduler Tests",
            "scheduler-manual-trigger",
            "scheduler-cron",
            "scheduler-company-scope",
            "scheduler-concurrency",
            "scheduler-status",
        ),
        _lines(
            "Job Queue Tests",
            "jobs-insertion",
            "jobs-processing",
            "jobs-reminders",
            "jobs-offsets",
            "jobs-attempts",
        ),
    ),
    4: (_lines("Cleanup Tests", "retention-events", "retention-gdpr", "retention-payloads", "retention-privacy"),),
    5: (
        _lines(
            "Application Rollback",
            "rollback-application",
            "rollback-application-recovers",
            "rollback-data-consistent",
        ),
        Group(
            "Database Rollback",
            (
                BoxOf(MIGRATION_ROLLBACK, ()),
                BoxOf("", ("rollback-data-recovery",)),
                BoxOf("", ("rollback-backup",)),
            ),
        ),
    ),
    6: (
        _lines(
            "Threshold Compliance",
            "performance-response-time",
            "performance-memory",
            "performance-errors",
            "performance-connections",
        ),
    ),
    7: (
        _lines(
            "Environment Security",
            "security-secrets-encrypted",
            "security-no-hardcoded-credentials",
            "security-tls",
            "security-database-tls",
        ),
        _lines(
            "Application Security",
            "security-input-validation",
            "security-sql-injection",
            "security-xss",
            "security-authentication",
        ),
    ),
    8: (
        _lines(
            "Health Checks", "monitoring-application-health", "monitoring-database-health", "monitoring-webhook-status"
        ),
        _lines("Logging", "monitoring-structured-logs", "monitoring-error-logs", "monitoring-security-events"),
        _lines("Alerting", "monitoring-thresholds", "monitoring-alerts", "monitoring-dashboards"),
    ),
}
"""Number of a section -> its groups of boxes."""
