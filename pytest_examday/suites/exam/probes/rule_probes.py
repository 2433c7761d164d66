"""Probes after a restart of all workers: the platform keeps the same rules of an exam as before.

Phase 5 tries all rules, but before the restart. These are the rules that a platform may lose with its settings or its
memory, and whose trials take seconds.
"""

from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.evidence import ExperienceEvidence, Trial
from pytest_examday.suites.exam.probe_names import RULES_AFTER
from pytest_examday.suites.exam.rules.all_rules import promised_rules
from pytest_examday.suites.exam.rules.rule import Rule
from pytest_examday.suites.exam.rules.run_trials import run_trials
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

TRIED_AGAIN = (
    "login-needs-the-password",
    "exam-needs-a-genuine-token",
    "submitted-exam-takes-no-answer",
    "further-submits-change-no-result",
    "others-cannot-read-a-result",
    "open-exam-tells-no-right-choices",
    "one-key-opens-one-exam",
)
"""The keys of the rules that are tried again."""


def rules_after(target: "Target") -> tuple[Probe, ...]:
    """The probe of the rules that are tried again. Those that the platform does not promise are left out, and so are
    those that phase 5 has already reported."""
    promised = [rule for rule in promised_rules(target.environment) if rule.key in TRIED_AGAIN]
    rules = _held_in_phase_5(target, promised)
    if not rules:
        if promised:
            return (Probe.untried(RULES_AFTER, "none of them held in phase 5"),)
        return (Probe.not_promised(RULES_AFTER, "the platform promises none of the rules that are tried again"),)
    try:
        trials = tuple(run_trials(TrialSetup(target), rules))
    except Unmeasurable as reason:
        return (Probe.untried(RULES_AFTER, str(reason)),)
    return (_probe_of(trials),)


def _held_in_phase_5(target: "Target", rules: list[Rule]) -> list[Rule]:
    """Those of the rules that held in phase 5; all of them if there was no phase 5."""
    experience = target.files.store.read("experience", ExperienceEvidence).record
    if experience is None:
        return rules
    held = {trial.rule for trial in experience.trials if trial.held}
    return [rule for rule in rules if rule.key in held]


def _probe_of(trials: tuple[Trial, ...]) -> Probe:
    broken, untried = (
        "; ".join(f"{trial.rule}: {trial.detail}" for trial in trials if trial.held is held) for held in (False, None)
    )
    if broken:
        return Probe(name=RULES_AFTER, passed=False, detail=broken)
    if untried:
        return Probe.untried(RULES_AFTER, untried)
    return Probe(name=RULES_AFTER, passed=True, detail=f"{len(trials)} rules of the exam held")
