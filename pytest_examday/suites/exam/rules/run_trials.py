"""Tries all rules that the platform promises."""

from collections.abc import Iterable, Iterator

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.evidence import Trial
from pytest_examday.suites.exam.rules.all_rules import promised_rules
from pytest_examday.suites.exam.rules.rule import Rule
from pytest_examday.suites.exam.rules.trials.trial_result import BrokenRule, TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.target import Target


def run_all_trials(target: Target) -> tuple[Trial, ...]:
    """One trial of every rule that the platform promises, one after the other."""
    rules = promised_rules(target.environment)
    target.files.progress.say(f"experience: {len(rules)} rules of the exam")
    try:
        setup = TrialSetup(target)
    except Unmeasurable as reason:
        return tuple(Trial(rule=rule.key, held=None, detail=str(reason)) for rule in rules)
    return tuple(run_trials(setup, rules))


def run_trials(setup: TrialSetup, rules: Iterable[Rule]) -> Iterator[Trial]:
    """One trial of each rule. A trial that crashes shows nothing, and the others still run. If a trial finds on
    its way that another rule is broken, the result of that other rule says so, whatever its own trial
    showed."""
    results: list[tuple[str, TrialResult]] = []
    broken_rules: dict[str, str] = {}
    for rule in rules:
        try:
            result = rule.trial(setup)
        except BrokenRule as broken:
            result = TrialResult(None, str(broken))
            broken_rules.setdefault(broken.rule, broken.seen)
        except Unmeasurable as reason:
            result = TrialResult(None, str(reason))
        except Exception as problem:  # noqa: BLE001 # a platform may send anything
            result = TrialResult(None, f"the trial crashed: {type(problem).__name__}: {problem}")
        results.append((rule.key, result))
    for key, own in results:
        result = TrialResult(False, broken_rules[key]) if key in broken_rules and own.held is not False else own
        yield Trial(rule=key, held=result.held, detail=result.detail)
