"""What each gate of the exam needs besides the evidence of its lines, and what it says of a good run."""

import pytest

from pytest_examday.suites.exam.suite import SUITE
from tests import builders

NEEDED = [
    (gate.name, activity)
    for gate in SUITE.gates
    for activity in sorted(
        {*gate.needed(builders.DRILLS)}
        | {
            name
            for line in SUITE.lines_of(gate, builders.good_run())
            if line.when_unmeasured == "blocks"
            for name in line.needs
        }
    )
]


@pytest.mark.parametrize("gate", SUITE.gate_by_name)
def test_every_gate_passes_on_a_good_run_and_says_on_what(gate: str) -> None:
    result = builders.gate(gate)
    assert (result.outcome, result.reason != "", result.evidence != ()) == ("pass", True, True)


@pytest.mark.parametrize(("gate", "activity"), NEEDED)
def test_a_gate_is_inconclusive_without_any_evidence_that_it_needs(gate: str, activity: str) -> None:
    result = builders.gate(gate, **{activity: None})
    assert result.outcome == "inconclusive"
    assert f"{activity} was not measured: no platform" in result.reason
    assert f"evidence/{activity}.json" in result.evidence


@pytest.mark.parametrize("gate", [gate for gate, activity in NEEDED if activity == "load"])
def test_no_gate_that_rests_on_the_load_passes_when_the_load_sent_nothing(gate: str) -> None:
    nothing = builders.figures("all", 0, None, succeeded=0, by_outcome={}, p50_ms=None, p99_ms=None, max_ms=None)
    result = builders.gate(gate, load=builders.load(overall=nothing))
    assert (result.outcome, "load was not measured: it sent no request" in result.reason) == ("inconclusive", True)


@pytest.mark.parametrize("drill", builders.FURTHER_DRILLS)
@pytest.mark.parametrize("gate", ["zero-data-loss", "recovery-tested", "failures-handled", "no-manual-fixes"])
def test_an_added_drill_without_evidence_leaves_the_gate_open(gate: str, drill: str) -> None:
    result = builders.gate(gate, **{drill: None})
    assert (result.outcome, result.reason) == ("inconclusive", f"{drill} was not measured: no platform")


def test_evidence_of_another_kind_than_a_judge_expects_is_no_evidence() -> None:
    assert builders.gate("p95-latency", load=builders.freeze()).outcome == "inconclusive"


def test_a_gate_names_the_files_on_which_it_rests() -> None:
    assert builders.gate("no-duplicate-submits").evidence == (
        "evidence/load.json",
        "evidence/integrity.json",
        "evidence/experience.json",
        "evidence/integrity_after.json",
    )
