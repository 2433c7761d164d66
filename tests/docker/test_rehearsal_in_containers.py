"""A rehearsal of a Compose project, configured as its users would: freeze, failures, observability, recovery."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docker.stack import REPLICAS, Stack
from tests.patient_thresholds import thresholds
from tests.rehearsal.conftest import SMALL, Started

MARKS = "phase1 or phase3 or phase6 or phase7"
DRILLS: tuple[str, ...] = ("proxy_restart", "slow_database", "link_flapping", "system_restart")
"""One for each way to do something to a container: restarted, delayed in its network, paused again and again, and all
of them started in order."""
TARGETS = {
    "drill_redis_outage": "redis",
    "drill_worker_loss": "backend-3",
    "drill_postgres_crash": "postgres",
    "drill_backend_restart": "backend",
    "drill_proxy_restart": "proxy",
    "drill_slow_database": "postgres",
    "drill_link_flapping": "postgres",
    "drill_system_restart": "postgres, redis, proxy, backend",
}
LIMITS = thresholds("staging")
"""Six containers share a small machine with the candidates: how fast they are is not the question here."""
FIGURES = {"test_request_duration", "test_database_query_duration", "test_database_pool_usage"}
WORKERS = {f"backend-{number}" for number in range(1, REPLICAS + 1)}


def test_four_phases_are_rehearsed_in_containers(stack: Stack, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """One test, because a process of its own for each of its parts would rehearse once more."""
    config = stack.configuration() + LIMITS + SMALL + f"drills = {json.dumps(DRILLS)}\n"
    run = Started(tmp_path, "--env", "staging", "-m", MARKS, "-rfE", config=config)
    try:
        run.wait()
    finally:
        run.kill()
    with subtests.test("every check but those of speed passes"):
        _expect_checks_passed(run)
    for name in TARGETS:
        with subtests.test("a fault is felt, borne and gone", drill=name):
            _expect_borne(name, run.record(name))
            _expect_felt(name, run.record(name))
    with subtests.test("every fault was written down before and after"):
        _expect_written_down(run)
    with subtests.test("no secret is in any artifact"):
        _expect_no_secret_in(run.directory, stack)
    stack.await_ready()


def _expect_checks_passed(run: Started) -> None:
    output = run.output.read_text()
    failed = set(re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)", output, re.MULTILINE))
    assert failed <= FIGURES, output
    assert int(re.findall(r"(\d+) passed", output)[0]) > 25 + 6 * len(DRILLS), output
    assert run.record("freeze")["exam_mode_environment"] == dict.fromkeys(sorted(WORKERS), "true")
    assert set(run.record("observability")["log_files"]) == WORKERS


def _expect_borne(name: str, record: dict[str, Any]) -> None:
    """The fault is gone, everything came back, everything that was tried worked, nothing was lost, nobody was stuck."""
    assert record["target"] == TARGETS[name]
    assert record["fault_gone"], record["fault_gone_detail"]
    assert record["stopped_because"] is None
    assert record["probes"] or name == "drill_backend_restart"
    assert [probe for probe in record["probes"] if not probe["passed"]] == []
    found = record["reconciliation"]
    assert found["acknowledged"] > 0
    assert (found["lost"], found["stale"], found["wrong_scores"]) == (0, 0, 0)
    assert all(fate["finished"] for fate in record["fates"])
    seconds = {item["name"]: item["seconds"] for item in record["recoveries"]}
    assert set(seconds) == WORKERS | {"health", "ready", "create", "answer", "submit", "database", "cache"}
    assert None not in seconds.values()
    print(name, seconds)


def _expect_felt(name: str, record: dict[str, Any]) -> None:
    """A drill that nobody feels shows nothing."""
    before, during = record["before"]["overall"], record["during"]["overall"]
    assert during["requests"] > 0
    if name == "drill_redis_outage":
        assert record["warnings_logged"] > 0
    elif name == "drill_worker_loss":
        (killed,) = [item for item in record["recoveries"] if item["name"] == record["target"]]
        assert killed["seconds"] >= record["restart_seconds"]
    elif name == "drill_slow_database":
        assert during["max_ms"] > before["p50_ms"] + 90
    else:
        assert during["errors"] > 0 or during["max_ms"] > 2 * before["p50_ms"]


def _expect_written_down(run: Started) -> None:
    entries = [json.loads(line) for line in (run.directory / "faults.jsonl").read_text().splitlines()]
    by_fault: dict[str, list[str]] = {}
    for entry in entries:
        by_fault.setdefault(entry["id"], []).append(entry["event"])
    assert {tuple(events) for events in by_fault.values()} == {("intended", "in", "out")}
    names = [entry["fault"] for entry in entries if entry["event"] == "intended"]
    assert names.count("database silent") >= 2, "a link that flaps once is only slow"
    assert len(names) >= len(TARGETS) + 1


def _expect_no_secret_in(directory: Path, stack: Stack) -> None:
    texts = [path.read_text(errors="replace") for path in directory.rglob("*") if path.is_file()]
    assert len(texts) > 8
    for secret in _secrets(stack):
        assert not [text for text in texts if secret in text]


def _secrets(stack: Stack) -> list[str]:
    """Every password and key of the platform."""
    return [str(getattr(stack.credentials, name)) for name in stack.credentials.__dataclass_fields__]
