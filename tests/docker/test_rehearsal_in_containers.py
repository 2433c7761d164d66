"""A rehearsal of a Compose project, configured as its users would: freeze, failures, observability, recovery."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.drills import DrillName, activity_of
from tests.docker.stack import REPLICAS, Stack
from tests.rehearsal.conftest import SMALL, Started

MARKS = "phase1 or phase3 or phase6 or phase7"
DRILLS: tuple[DrillName, ...] = ("proxy_restart", "slow_database", "link_flapping", "system_restart")
"""One for each way to do something to a container: restarted, delayed in its network, paused again and again, and all
of them started in order."""
TARGETS = {
    "redis_outage": "redis",
    "worker_loss": "backend-3",
    "recovery": "backend",
    "drill_proxy_restart": "proxy",
    "drill_slow_database": "postgres",
    "drill_link_flapping": "postgres",
    "drill_system_restart": "postgres, redis, proxy, backend",
}
LIMITS = "[env.staging.thresholds]\np95_ms = 10_000\nmax_wait_seconds = 60\n"
"""Six containers share a small machine with the candidates: how fast they are is not the question here."""
FIGURES = {"test_request_duration", "test_database_query_duration", "test_database_pool_usage"}
WORKERS = {f"backend-{number}" for number in range(1, REPLICAS + 1)}


@pytest.fixture(scope="module")
def rehearsal(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Started:
    """Four phases, with further drills in two of them."""
    config = stack.configuration() + LIMITS + SMALL + f"drills = {json.dumps(DRILLS)}\n"
    run = Started(tmp_path_factory.mktemp("containers"), "--env", "staging", "-m", MARKS, "-rfE", config=config)
    try:
        run.wait(280)
    finally:
        run.kill()
    return run


def test_four_phases_are_rehearsed_in_containers(rehearsal: Started, stack: Stack) -> None:
    output = rehearsal.output.read_text()
    failed = set(re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)", output, re.MULTILINE))
    assert failed <= FIGURES, output
    assert int(re.findall(r"(\d+) passed", output)[0]) > 25 + 6 * len(DRILLS), output
    freeze = _record(rehearsal, "freeze")
    assert freeze["exam_mode_environment"] == dict.fromkeys(sorted(WORKERS), "true")
    assert set(_record(rehearsal, "observability")["log_files"]) == WORKERS
    _no_secret_in(rehearsal.directory, stack)
    stack.await_ready()


def _record(run: Started, name: str) -> dict[str, Any]:
    evidence = json.loads((run.directory / "evidence" / f"{name}.json").read_text())
    assert evidence["unmeasured"] is None
    record: dict[str, Any] = evidence["record"]
    return record


def test_every_drill_that_was_asked_for_is_shown_here() -> None:
    assert set(TARGETS) - set(map(activity_of, DRILLS)) == {"redis_outage", "worker_loss", "recovery"}


@pytest.mark.parametrize("name", TARGETS)
def test_a_fault_in_containers_is_felt_and_borne_and_gone(rehearsal: Started, name: str) -> None:
    record = _record(rehearsal, name)
    assert record["target"] == TARGETS[name]
    assert record["fault_gone"], record["fault_gone_detail"]
    assert record["stopped"] is None
    assert record["probes"] or name == "recovery"
    assert [probe for probe in record["probes"] if not probe["passed"]] == []
    found = record["reconciliation"]
    assert found["acknowledged"] > 0
    assert (found["lost"], found["stale"], found["wrong_scores"]) == (0, 0, 0)
    assert all(fate["submitted"] for fate in record["fates"])
    seconds = {item["name"]: item["seconds"] for item in record["recoveries"]}
    assert set(seconds) == WORKERS | {"health", "ready", "create", "answer", "submit", "database", "cache"}
    assert None not in seconds.values()
    print(name, seconds)
    before, during = record["before"]["overall"], record["during"]["overall"]
    assert during["requests"] > 0
    if name == "redis_outage":
        assert record["warnings_logged"] > 0
    elif name == "worker_loss":
        (killed,) = [item for item in record["recoveries"] if item["name"] == record["target"]]
        assert killed["seconds"] >= record["restart_seconds"]
    elif name == "drill_slow_database":
        assert during["max_ms"] > before["p50_ms"] + 90
    else:
        assert during["errors"] > 0 or during["max_ms"] > 2 * before["p50_ms"]


def test_every_fault_in_containers_was_written_down_before_and_after(rehearsal: Started) -> None:
    entries = [json.loads(line) for line in (rehearsal.directory / "faults.jsonl").read_text().splitlines()]
    by_fault: dict[str, list[str]] = {}
    for entry in entries:
        by_fault.setdefault(entry["id"], []).append(entry["event"])
    assert {tuple(events) for events in by_fault.values()} == {("intended", "in", "out")}
    names = [entry["fault"] for entry in entries if entry["event"] == "intended"]
    assert names.count("database silent") >= 2, "a link that flaps once is only slow"
    assert len(names) >= len(TARGETS) + 1


def _no_secret_in(directory: Path, stack: Stack) -> None:
    texts = [path.read_text(errors="replace") for path in directory.rglob("*") if path.is_file()]
    assert len(texts) > 8
    for secret in _secrets(stack):
        assert not [text for text in texts if secret in text]


def _secrets(stack: Stack) -> list[str]:
    """Every password and key of the platform."""
    return [str(getattr(stack.credentials, name)) for name in stack.credentials.__dataclass_fields__]
