"""After a restart the platform keeps the rules that it kept before: what was broken before accuses no restart."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.evidence import ExperienceEvidence, Trial
from pytest_examday.suites.exam.probes import rule_probes
from pytest_examday.suites.exam.probes.rule_probes import TRIED_AGAIN, rules_after
from pytest_examday.suites.exam.rules.all_rules import RULES

_BROKEN, _UNTRIED = "login-needs-the-password", "others-cannot-read-a-result"


def _probed(
    monkeypatch: pytest.MonkeyPatch,
    results: Mapping[str, bool | None] | None = None,
    before: ExperienceEvidence | None = None,
    promised: tuple[str, ...] = TRIED_AGAIN,
) -> tuple[bool | None, str, bool]:
    """The probe if trials have these results (the others hold), phase 5 left this evidence, and these are promised."""

    def tried(setup: object, rules: list[Any]) -> Iterator[Trial]:
        for rule in rules:
            yield Trial(rule=rule.key, held=(results or {}).get(rule.key, True), detail="seen")

    monkeypatch.setattr(rule_probes, "TrialSetup", lambda target: None)
    monkeypatch.setattr(rule_probes, "run_trials", tried)
    monkeypatch.setattr(rule_probes, "promised_rules", lambda _: [rule for rule in RULES if rule.key in promised])
    store = SimpleNamespace(read=lambda *_: SimpleNamespace(record=before))
    target: Any = SimpleNamespace(environment=None, files=SimpleNamespace(store=store))
    (probe,) = rules_after(target)
    assert probe.name == "rules of the exam after"
    return probe.passed, probe.detail, probe.promised


def _phase_5(**held: bool | None) -> ExperienceEvidence:
    trials = (Trial(rule=key, held=held.get(key.replace("-", "_"), True), detail="before") for key in TRIED_AGAIN)
    return ExperienceEvidence(probes=(), trials=tuple(trials))


def test_all_that_is_tried_again_are_rules() -> None:
    assert set(TRIED_AGAIN) <= {rule.key for rule in RULES}


def test_rules_that_hold_after_the_restart_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _probed(monkeypatch) == (True, f"{len(TRIED_AGAIN)} rules of the exam held", True)


def test_a_rule_that_is_broken_after_the_restart_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _probed(monkeypatch, {_BROKEN: False, _UNTRIED: None}) == (False, f"{_BROKEN}: seen", True)


def test_a_rule_that_cannot_be_tried_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _probed(monkeypatch, {_UNTRIED: None}) == (None, f"{_UNTRIED}: seen", True)


@pytest.mark.parametrize("before", [False, None], ids=["broken", "untried"])
def test_a_rule_that_did_not_hold_in_phase_5_accuses_no_restart(
    before: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    phase_5 = _phase_5(login_needs_the_password=before)
    assert _probed(monkeypatch, {_BROKEN: False}, phase_5) == (
        True,
        f"{len(TRIED_AGAIN) - 1} rules of the exam held",
        True,
    )


def test_if_no_rule_held_in_phase_5_nothing_is_tried_and_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    phase_5 = _phase_5(**{key.replace("-", "_"): False for key in TRIED_AGAIN})
    assert _probed(monkeypatch, {}, phase_5) == (None, "none of them held in phase 5", True)


def test_rules_that_the_platform_does_not_promise_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _probed(monkeypatch, {_BROKEN: False}, promised=(_UNTRIED,)) == (True, "1 rules of the exam held", True)
    assert _probed(monkeypatch, promised=())[::2] == (None, False)


def test_without_candidates_it_is_open_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(target: object) -> None:
        raise Unmeasurable("3 more candidates are needed")

    store = SimpleNamespace(read=lambda *_: SimpleNamespace(record=None))
    target: Any = SimpleNamespace(environment=None, files=SimpleNamespace(store=store))
    monkeypatch.setattr(rule_probes, "TrialSetup", nobody)
    monkeypatch.setattr(rule_probes, "promised_rules", lambda _: list(RULES))
    (probe,) = rules_after(target)
    assert (probe.passed, probe.detail) == (None, "3 more candidates are needed")
