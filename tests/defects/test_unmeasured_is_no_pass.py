"""A load that sends nothing makes every gate inconclusive that rests on it: nothing went wrong, nothing was shown."""

from collections.abc import Callable

from pytest_examday.suites.exam.gates import GATES

from .harness import Defect, Outcome

Rehearsed = Callable[[Defect], Outcome]


def test_candidates_who_send_nothing_prove_nothing(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(modules="idle_candidates"))
    _only_these_were_measured(outcome, "exam-mode-verified", "exam-rules")
    assert "the load was not delivered: 0 of " in outcome.red["p95-latency"][1]
    assert "no answer was acknowledged, so none could be lost" in outcome.red["zero-data-loss"][1]


def test_a_load_without_accounts_proves_nothing(rehearsed: Rehearsed) -> None:
    outcome = rehearsed(Defect(accounts=1))
    _only_these_were_measured(outcome, "exam-mode-verified")
    assert "30 more candidates are needed and 0 of 1 are left" in outcome.red["p95-latency"][1]


def _only_these_were_measured(outcome: Outcome, *passed: str) -> None:
    red = {name: judged[0] for name, judged in outcome.red.items()}
    unmeasured = {gate.name for gate in GATES} - {*passed}
    assert red == dict.fromkeys(unmeasured, "inconclusive"), outcome.red
    assert outcome.verdict["verdict"] == "NO-GO"
    assert outcome.exit_status == 1
