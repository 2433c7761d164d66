"""Evidence that says what cannot be is refused when it is read, with one reason that names the file and the field."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.evidence.reconciliation import Difference
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.suites.exam.suite import SUITE
from tests import builders

Change = Callable[[Any], object]
_KINDS = {activity.name: activity.record_type for activity in SUITE.activities}


def _set(path: str, value: object) -> Change:
    def change(record: Any) -> None:
        *above, last = path.split(".")
        for part in above:
            record = record[int(part) if part.isdigit() else part]
        record[last] = value

    return change


def _twice(field: str) -> Change:
    return lambda record: record[field].append(dict(record[field][0]))


CHANGES: list[tuple[str, Change, str]] = [
    ("load", _set("overall.requests", -400), "record.overall.requests is -400, and cannot be below 0"),
    (
        "load",
        _set("generator.lag_max_ms", -1.0),
        "record.generator.lag_max_ms is -1.0, and cannot be below 0",
    ),
    ("load", _set("windows.3.figures.p95_ms", -5.0), "record.windows.3.figures.p95_ms is -5.0, and cannot be below 0"),
    ("load", _set("steady.0.p95_ms", float("nan")), "record.steady.0.p95_ms is nan, which is no finite number"),
    ("load", _set("steady.0.p95_ms", 1.0), "record.steady.0 service times: p50, p95 and p99 do not ascend: 10, 1, 30"),
    ("load", _set("overall.errors", 3), "record.overall errors is 3, and by_outcome says 0"),
    ("load", _set("overall.limited", 900), "record.overall limited is 900, and by_outcome says 0"),
    ("load", _set("overall.by_outcome", {}), "record.overall requests is 400, and by_outcome says 0"),
    ("load", _set("overall.by_status", {"502": 9}), "record.overall requests is 400, and by_status says 9"),
    ("load", _set("writes.acknowledged", 900), "record.writes more writes ended than were attempted: 900 of 360"),
    ("load", _set("pool.peak_usage", -0.1), "record.pool.peak_usage is -0.1, and cannot be below 0"),
    ("load", _set("pool.peak_usage", float("inf")), "record.pool.peak_usage is inf, which is no finite number"),
    ("load", _twice("operations"), "record.operations has 2 records of create"),
    ("load", _twice("steady"), "record.steady has 2 records of create"),
    ("load", _twice("windows"), "record.windows has 2 records of 1767225600.0"),
    ("load", _twice("fates"), "record.fates has 2 records of ada"),
    ("drill_redis_outage", _set("held_seconds", 0.0), "record.held_seconds is 0.0, and has to be above 0"),
    (
        "drill_redis_outage",
        _set("removal_began", builders.EPOCH),
        "record held_seconds is 5, and from injected to removal_began it was 0.000 s",
    ),
    ("drill_redis_outage", _twice("recoveries"), "record.recoveries has 2 records of health"),
    (
        "drill_redis_outage",
        _set("recoveries.0.seconds", -1.0),
        "record.recoveries.0.seconds is -1.0, and cannot be below 0",
    ),
    ("drill_redis_outage", lambda record: record.pop("recoveries"), "record.recoveries is missing"),
    ("drill_redis_outage", _set("drill", "drill_worker_loss"), "holds the record of drill_worker_loss"),
    ("integrity", _twice("checks"), "record.checks has 2 records of orphaned_answers"),
    ("integrity", _set("checks.0.count", -1), "record.checks.0.count is -1, and cannot be below 0"),
    (
        "integrity",
        _set("reconciliation.kept", 10),
        "record.reconciliation acknowledged is 100, and kept, lost, stale and uncompared are 10 together",
    ),
    (
        "integrity",
        _set("reconciliation.vanished", 11),
        "record.reconciliation more subjects vanished or unread than were opened: 11 of 10",
    ),
    ("observability", _set("error_rate", 1.5), "record.error_rate is 1.5, and cannot be above 1"),
    ("observability", _set("traced", 300), "record more requests traced than sampled: 300 of 200"),
    ("observability", _set("failures_logged", 9), "record more failures logged than clients saw: 9 of 4"),
    ("observability", _set("requests_disturbed", 900), "record more requests disturbed than logged: 900 of 800"),
    (
        "freeze",
        _set("protected.0.ms", -3.0),
        "record.protected.0.ms is -3.0, and cannot be below 0",
    ),
    ("preflight", _set("reached_seconds", -3.0), "record.reached_seconds is -3.0, and cannot be below 0"),
]


@pytest.mark.parametrize(("activity", "change", "reason"), CHANGES, ids=[reason for _, _, reason in CHANGES])
def test_it_is_no_measurement_and_says_why(tmp_path: Path, activity: str, change: Change, reason: str) -> None:
    (tmp_path / "evidence").mkdir()
    store = EvidenceStore(tmp_path, Redactor())
    store.write(builders.measured(activity, builders.good_run()[activity]))
    told = json.loads(store.path(activity).read_text())
    change(told["record"])
    store.path(activity).write_text(json.dumps(told))
    evidence = store.read(activity, _KINDS[activity])
    assert evidence.record is None
    assert evidence.unmeasured == f"evidence file {activity}.json is damaged: {reason}"


def test_a_finding_that_no_count_has_is_refused() -> None:
    nothing = {"acknowledged": "B", "stored": None, "request_id": None, "key": None, "story": "gone"}
    difference = Difference.model_validate({"kind": "lost", "actor": "ada", "subject": "s", **nothing})
    with pytest.raises(ValueError, match="more differences of lost than lost counts: 1 of 0"):
        builders.reconciliation(differences=(difference,))
