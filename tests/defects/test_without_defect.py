"""A platform without a defect bears every drill: every gate is green, and only a gate of a user can make it NO-GO."""

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.load.samples import read_samples
from pytest_examday.suites.exam.lines.drill_lines import lines_of
from tests.builders import OPTIONAL_DRILLS

from .harness import Defect, Outcome, judge_again, rehearse

DRILL_NAMES = [drill.name for drill in OPTIONAL_DRILLS]
NO_DEFECT = Defect(
    checked=True, variants=("gateway_ids",), drills=tuple(DRILL_NAMES), options=("--proxy", "--links"), patience=60
)
"""Every drill and every gate. The gateway of this platform gives requests ids of its own."""
_GATE = """
import pytest

@pytest.mark.gate(name="seats")
def test_seats(load_evidence):
    if load_evidence.candidates < {seats}:
        pytest.fail(f"{{load_evidence.candidates}} seats were tried, {seats} are booked")
"""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A rehearsal as those of the planted defects, with every drill."""
    return rehearse(tmp_path_factory.mktemp("clean"), NO_DEFECT)


def test_it_is_go_and_nobody_is_harmed(clean: Outcome) -> None:
    assert clean.red == {}
    assert clean.failed == set()
    assert clean.verdict["verdict"] == "GO"
    assert clean.verdict["candidates"]["stories"] == []
    assert clean.verdict["candidates"]["harmed"] == 0
    assert clean.exit_status == 0


def test_a_users_gate_that_passes_is_in_the_verdict(clean: Outcome, tmp_path: Path) -> None:
    outcome = judge_again(tmp_path, NO_DEFECT, clean, _GATE.format(seats=20))
    assert outcome.gates["seats"] == ("pass", "its test passed")
    assert outcome.verdict["verdict"] == "GO"
    assert outcome.exit_status == 0


def test_a_users_gate_that_fails_is_no_go_with_its_message(clean: Outcome, tmp_path: Path) -> None:
    outcome = judge_again(tmp_path, NO_DEFECT, clean, _GATE.format(seats=300))
    assert outcome.only_red("seats") == "30 seats were tried, 300 are booked"


def _evidence(outcome: Outcome, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((outcome.directory / "evidence" / f"drill_{name}.json").read_text())
    return found


@pytest.mark.parametrize("name", DRILL_NAMES)
def test_a_drill_is_borne_and_recovered_from(clean: Outcome, name: str) -> None:
    evidence = _evidence(clean, name)
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
    judged = [line for line in clean.verdict["lines"] if line["key"] in lines]
    assert {line["key"] for line in judged} == lines
    assert [(line["key"], line["reason"]) for line in judged if line["outcome"] != "pass"] == []


@pytest.mark.parametrize("name", DRILL_NAMES)
def test_the_fault_is_felt(clean: Outcome, name: str) -> None:
    """A drill that nobody feels shows nothing; what is emptied or restarted beside others may go unnoticed."""
    record = _evidence(clean, name)["record"]
    before, during = record["before"]["overall"], record["during"]["overall"]
    if record["outage"]:
        assert during["errors"] > 0 or during["max_ms"] > 2 * before["p50_ms"]
    elif name in ("slow_database", "worker_pause"):
        assert during["max_ms"] > before["p50_ms"] + 90
    assert during["succeeded"] + during["errors"] > 0


def test_the_network_delay_is_felt_by_candidates_in_every_answer(clean: Outcome) -> None:
    """500 ms more or less 100 (source document 001), at the front: an answer in two pieces is as late as the later
    one."""
    record = _evidence(clean, "network_delay")["record"]
    during = record["during"]
    answers = next(one for one in during["operations"] if one["operation"] == "answer")
    assert answers["p50_ms"] >= 450
    assert answers["errors"] == 0
    (samples,) = record["samples"]
    sent = [
        sample.ms
        for sample in read_samples(clean.directory / samples)
        if sample.operation == "answer" and during["started"] <= sample.started <= during["ended"] - 0.9
    ]
    assert min(sent) <= 900


def test_tokens_that_expire_are_seen_in_the_figures_and_in_nobodys_fate(clean: Outcome) -> None:
    record = _evidence(clean, "tokens_expired")["record"]
    during = {one["operation"]: one for one in record["during"]["operations"]}
    outcomes = record["during"]["overall"]["by_outcome"]
    assert outcomes["expired"] >= len(record["fates"]), "every candidate's token was refused"
    assert set(outcomes) == {"ok", "expired"}
    assert during["refresh"]["succeeded"] == len(record["fates"])
    assert "expired" not in record["before"]["overall"]["by_outcome"]
    assert "expired" not in record["after"]["overall"]["by_outcome"]
    assert {fate["story"] for fate in record["fates"]} == {"sat the exam and submitted"}


def test_every_fault_was_written_down_before_and_after(clean: Outcome) -> None:
    entries = [json.loads(line) for line in (clean.directory / "faults.jsonl").read_text().splitlines()]
    by_fault: dict[str, list[str]] = {}
    for entry in entries:
        by_fault.setdefault(entry["id"], []).append(entry["event"])
    assert len(by_fault) >= len(DRILL_NAMES) + 3
    assert {tuple(events) for events in by_fault.values()} == {("intended", "in", "out")}
