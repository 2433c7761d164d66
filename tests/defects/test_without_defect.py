"""A platform without a defect: every gate is green, and only a gate of the user's own can make it NO-GO."""

from pathlib import Path

import pytest

from .harness import Defect, Outcome, judge_again, rehearse

_GATE = """
import pytest

@pytest.mark.gate(name="seats")
def test_seats(load_evidence):
    if load_evidence.candidates < {seats}:
        pytest.fail(f"{{load_evidence.candidates}} seats were tried, {seats} are booked")
"""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The rehearsal of the planted defects, on a platform without any. Its gateway gives requests ids of its
    own."""
    return rehearse(tmp_path_factory.mktemp("clean"), Defect(variants=("gateway_ids",)))


def test_it_is_go_and_nobody_is_harmed(clean: Outcome) -> None:
    assert clean.red == {}
    assert clean.verdict["verdict"] == "GO"
    assert clean.verdict["candidates"] == {"total": 50, "harmed": 0, "stories": []}
    assert clean.exit_status == 0


def test_a_users_gate_that_passes_is_in_the_verdict(clean: Outcome, tmp_path: Path) -> None:
    outcome = judge_again(tmp_path, clean, _GATE.format(seats=20))
    assert outcome.gates["seats"] == ("pass", "its test passed")
    assert outcome.verdict["verdict"] == "GO"
    assert outcome.exit_status == 0


def test_a_users_gate_that_fails_is_no_go_with_its_message(clean: Outcome, tmp_path: Path) -> None:
    outcome = judge_again(tmp_path, clean, _GATE.format(seats=300))
    assert outcome.only_red("seats") == "30 seats were tried, 300 are booked"
