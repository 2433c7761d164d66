"""All gates (seeds 000 and 001): the hard gates, and the NO-GO triggers as gates too."""

from pytest_examday.suites.exam.gates.bench import DRILLS, FAILURES, Gate
from pytest_examday.suites.exam.gates.data import (
    no_corrupted_sessions,
    no_duplicate_submits,
    no_manual_fixes,
    zero_data_loss,
)
from pytest_examday.suites.exam.gates.freeze import exam_mode_verified
from pytest_examday.suites.exam.gates.observability import logs_sufficient, no_silent_failures
from pytest_examday.suites.exam.gates.performance import db_pool, error_rate, p95_latency
from pytest_examday.suites.exam.gates.resilience import failures_handled, recovery_tested

GATES: tuple[Gate, ...] = (
    Gate("zero-data-loss", "Zero data loss verified", ("load", *DRILLS, "integrity_after"), zero_data_loss, True),
    Gate("no-corrupted-sessions", "No corrupted sessions", ("load", "integrity_after"), no_corrupted_sessions),
    Gate("p95-latency", "p95 latency acceptable (< 500ms)", ("load",), p95_latency),
    Gate("recovery-tested", "Recovery tested and successful", DRILLS, recovery_tested, True),
    Gate("logs-sufficient", "Logs sufficient for audit", ("load", "observability"), logs_sufficient),
    Gate("exam-mode-verified", "EXAM_MODE verified", ("freeze",), exam_mode_verified),
    Gate("failures-handled", "Failure scenarios handled gracefully", FAILURES, failures_handled, True),
    Gate("no-duplicate-submits", "No duplicate submits", ("load", "integrity_after"), no_duplicate_submits),
    Gate("no-silent-failures", "No silent failures", ("load", "observability"), no_silent_failures),
    Gate("no-manual-fixes", "No manual DB fixes needed", ("load", *DRILLS), no_manual_fixes, True),
    Gate("error-rate", "Error rate < 1%", ("load",), error_rate),
    Gate("db-pool", "Database pool < 80% usage", ("load",), db_pool),
)
"""The first seven are the hard gates of the report template, in its order; they cannot be waived."""

HARD_GATES = frozenset(gate.name for gate in GATES[:7])

BY_NAME: dict[str, Gate] = {gate.name: gate for gate in GATES}
