"""The phases of the staging suite: the sections of the report template (source document 003)."""

PHASES = {
    1: "Database Migration Testing",
    2: "Webhook Processing Pipeline",
    3: "Job Queue and Scheduler Testing",
    4: "Data Retention and Privacy",
    5: "Rollback Procedures",
    6: "Performance and Load Testing",
    7: "Security Validation",
    8: "Monitoring and Alerting",
}
PHASE_MARKS = {
    1: "migrations",
    2: "webhooks",
    3: "jobs",
    4: "retention",
    5: "rollback",
    6: "performance",
    7: "security",
    8: "monitoring",
}
"""Number of a phase -> its mark, so that `-m migrations` selects it; the name of its table in the configuration too."""
IN_OVERVIEW = {
    1: "Database Migrations",
    2: "Webhook Processing",
    3: "Job Queue & Scheduler",
    4: "Data Retention",
    5: "Rollback Procedures",
    6: "Performance Testing",
    7: "Security Validation",
    8: "Monitoring and Alerting",
}
"""Number of a phase -> its name in the template's overview of results, which ends with the sixth."""
