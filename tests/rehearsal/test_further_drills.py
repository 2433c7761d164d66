"""The drills that a profile adds, on the embedded platform: each is held, comes out, and is recovered from."""

import json
from typing import Any

import pytest

from pytest_examday.load.samples import read_samples
from pytest_examday.suites.exam.lines.drill_lines import lines_of
from tests.builders import OPTIONAL_DRILLS
from tests.limits import thresholds
from tests.rehearsal.conftest import SMALL, Started

DRILL_NAMES = [drill.name for drill in OPTIONAL_DRILLS]


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """Every drill, and the gates that rest on them."""
    config = thresholds("local") + SMALL.replace("settle_seconds", 'drills = "all"\nsettle_seconds')
    run = Started(
        tmp_path_factory.mktemp("drills"),
        "--env",
        "local",
        "-m",
        "phase3 or phase7 or gates",
        "--tb=line",
        config=config,
    )
    run.wait()
    return run


def _evidence(run: Started, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run.directory / "evidence" / f"drill_{name}.json").read_text())
    return found


def test_no_gate_holds_it_against_a_platform_without_defect(rehearsal: Started) -> None:
    gates = {gate["name"]: (gate["outcome"], gate["reason"]) for gate in rehearsal.verdict["gates"]}
    resting = ("zero-data-loss", "recovery-tested", "failures-handled", "no-manual-fixes")
    assert {name: gates[name] for name in resting if gates[name][0] != "pass"} == {}
    assert rehearsal.verdict["candidates"]["harmed"] == 0


@pytest.mark.parametrize("name", DRILL_NAMES)
def test_a_drill_is_borne_and_recovered_from(rehearsal: Started, name: str) -> None:
    evidence = _evidence(rehearsal, name)
    assert evidence["unmeasured"] is None
    record = evidence["record"]
    assert record["fault_gone"], record["fault_gone_detail"]
    assert record["stopped_because"] is None
    assert [probe for probe in record["probes"] if not probe["passed"]] == []
    assert record["reconciliation"]["acknowledged"] > 0
    assert (record["reconciliation"]["lost"], record["reconciliation"]["stale"]) == (0, 0)
    assert all(recovery["seconds"] is not None for recovery in record["recoveries"])
    assert all(fate["finished"] for fate in record["fates"])
    lines = {line.key for drill in OPTIONAL_DRILLS if drill.name == name for line in lines_of(drill)}
    judged = [line for line in rehearsal.verdict["lines"] if line["key"] in lines]
    assert {line["key"] for line in judged} == lines
    assert [(line["key"], line["reason"]) for line in judged if line["outcome"] != "pass"] == []


@pytest.mark.parametrize("name", DRILL_NAMES)
def test_the_fault_is_felt(rehearsal: Started, name: str) -> None:
    """A drill that nobody feels shows nothing; what is emptied or restarted beside others may go unnoticed."""
    record = _evidence(rehearsal, name)["record"]
    before, during = record["before"]["overall"], record["during"]["overall"]
    if record["outage"]:
        assert during["errors"] > 0 or during["max_ms"] > 2 * before["p50_ms"]
    elif name in ("slow_database", "worker_pause"):
        assert during["max_ms"] > before["p50_ms"] + 90
    assert during["succeeded"] + during["errors"] > 0


def test_the_network_delay_is_felt_by_candidates_in_every_answer(rehearsal: Started) -> None:
    """500 ms more or less 100 (seed 001), at the front: an answer in two pieces is as late as the later one."""
    record = _evidence(rehearsal, "network_delay")["record"]
    during = record["during"]
    answers = next(one for one in during["operations"] if one["operation"] == "answer")
    assert answers["p50_ms"] >= 450
    assert answers["errors"] == 0
    (samples,) = record["samples"]
    sent = [
        sample.ms
        for sample in read_samples(rehearsal.directory / samples)
        if sample.operation == "answer" and during["started"] <= sample.started <= during["ended"] - 0.9
    ]
    assert min(sent) <= 900


def test_tokens_that_expire_are_seen_in_the_figures_and_in_nobodys_fate(rehearsal: Started) -> None:
    record = _evidence(rehearsal, "tokens_expired")["record"]
    during = {one["operation"]: one for one in record["during"]["operations"]}
    outcomes = record["during"]["overall"]["by_outcome"]
    assert outcomes["expired"] >= len(record["fates"]), "every candidate's token was refused"
    assert set(outcomes) == {"ok", "expired"}
    assert during["refresh"]["succeeded"] == len(record["fates"])
    assert "expired" not in record["before"]["overall"]["by_outcome"]
    assert "expired" not in record["after"]["overall"]["by_outcome"]
    assert {fate["story"] for fate in record["fates"]} == {"sat the exam and submitted"}


def test_every_fault_was_written_down_before_and_after(rehearsal: Started) -> None:
    entries = [json.loads(line) for line in (rehearsal.directory / "faults.jsonl").read_text().splitlines()]
    by_fault: dict[str, list[str]] = {}
    for entry in entries:
        by_fault.setdefault(entry["id"], []).append(entry["event"])
    assert len(by_fault) >= len(DRILL_NAMES) + 3
    assert {tuple(events) for events in by_fault.values()} == {("intended", "in", "out")}
