"""A gate of the user's own, in a test file of their own, counts like a gate of the suite."""

from pathlib import Path

from .harness import Outcome, judge_again

_GATE = """
import pytest

@pytest.mark.gate(name="seats")
def test_seats(load_evidence):
    if load_evidence.candidates < {seats}:
        pytest.fail(f"{{load_evidence.candidates}} seats were tried, {seats} are booked")
"""


def test_a_users_gate_that_passes_is_in_the_verdict(clean: Outcome, tmp_path: Path) -> None:
    outcome = judge_again(tmp_path, clean, _GATE.format(seats=20))
    assert outcome.gates["seats"] == ("pass", "its test passed")
    assert outcome.verdict["verdict"] == "GO"
    assert outcome.exit_status == 0


def test_a_users_gate_that_fails_is_no_go_with_its_message(clean: Outcome, tmp_path: Path) -> None:
    outcome = judge_again(tmp_path, clean, _GATE.format(seats=300))
    assert outcome.only_red("seats") == "30 seats were tried, 300 are booked"
