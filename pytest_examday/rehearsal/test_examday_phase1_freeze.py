"""Phase 1: Pre-Exam Freeze."""

import pytest

from pytest_examday.evidence.phases import FreezeEvidence, PreflightEvidence, Probe
from pytest_examday.rehearsal.expect import expect

pytestmark = pytest.mark.phase(number=1)

_HEAVY = ("BKT recompute", "rank runs", "IRT calibration")


def _expect_all(probes: tuple[Probe, ...], what: str) -> None:
    expect(bool(probes), f"INCONCLUSIVE: no {what} was tried")
    wrong = [f"{probe.name}: {probe.detail}" for probe in probes if not probe.passed]
    expect(not wrong, "; ".join(wrong))


def _expect_endpoint(freeze: FreezeEvidence, name: str) -> None:
    made = [probe for probe in freeze.endpoints if probe.name == name]
    _expect_all(tuple(made), f"{name} call")


def test_api_answers(preflight_evidence: PreflightEvidence) -> None:
    """API, database and Redis are reached."""
    reached = {"database": preflight_evidence.database, "Redis": preflight_evidence.cache}
    missing = [f"{name} {state}" for name, state in reached.items() if state.startswith("not reached")]
    expect(not missing, "INCONCLUSIVE: " + "; ".join(missing))


def test_exam_mode_is_on(freeze_evidence: FreezeEvidence) -> None:
    """EXAM_MODE Status."""
    readings = freeze_evidence.exam_mode_readings
    expect(bool(readings), "INCONCLUSIVE: exam mode was never read")
    expect(all(reading is True for reading in readings), f"exam mode as read on fresh connections: {readings}")


def test_every_worker_runs_with_exam_mode(freeze_evidence: FreezeEvidence) -> None:
    """EXAM_MODE in the environment of every worker."""
    values = freeze_evidence.exam_mode_environment
    expect(bool(values), "INCONCLUSIVE: the workers' environment could not be read")
    expect(all(str(value).lower() == "true" for value in values.values()), f"EXAM_MODE by worker: {values}")


def test_no_cron_jobs_running(freeze_evidence: FreezeEvidence) -> None:
    """No cron jobs running."""
    running = freeze_evidence.background_processes
    expect(running is not None, "INCONCLUSIVE: the platform's processes could not be listed")
    expect(not running, f"running: {'; '.join(running or ())}")


def test_scheduled_tasks_are_skipped(freeze_evidence: FreezeEvidence) -> None:
    """No scheduled tasks active."""
    _expect_all(freeze_evidence.jobs, "background job")


def test_heavy_analytics_are_disabled(freeze_evidence: FreezeEvidence) -> None:
    """Heavy analytics disabled."""
    _expect_all(tuple(probe for probe in freeze_evidence.guards if probe.name in _HEAVY), "analytics operation")


def test_every_guarded_operation_refuses(freeze_evidence: FreezeEvidence) -> None:
    """Protected operations return 403."""
    _expect_all(freeze_evidence.guards, "guarded operation")


def test_allowed_operations_go_on(freeze_evidence: FreezeEvidence) -> None:
    """Dry runs stay allowed."""
    _expect_all(freeze_evidence.allowed, "allowed operation")


def test_health_is_accessible(freeze_evidence: FreezeEvidence) -> None:
    """`/health` accessible."""
    _expect_endpoint(freeze_evidence, "health")


def test_ready_is_accessible(freeze_evidence: FreezeEvidence) -> None:
    """`/v1/ready` accessible."""
    _expect_endpoint(freeze_evidence, "ready")


def test_session_creation_works(freeze_evidence: FreezeEvidence) -> None:
    """Session creation works."""
    _expect_endpoint(freeze_evidence, "create")


def test_answer_submission_works(freeze_evidence: FreezeEvidence) -> None:
    """Answer submission works."""
    _expect_endpoint(freeze_evidence, "answer")


def test_session_submit_works(freeze_evidence: FreezeEvidence) -> None:
    """Session submit works."""
    _expect_endpoint(freeze_evidence, "submit")
