"""Tries all behaviours that the platform promises."""

from collections.abc import Iterable, Iterator

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.evidence import Trial
from pytest_examday.suites.exam.rules.all_rules import promised
from pytest_examday.suites.exam.rules.rule import Behaviour
from pytest_examday.suites.exam.rules.trials.trial_result import BrokenRule, TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.target import Target


def run_all_trials(target: Target) -> tuple[Trial, ...]:
    """One trial of every behaviour that the platform promises, one after the other."""
    behaviours = promised(target.environment)
    target.run.progress.say(f"experience: {len(behaviours)} rules of the exam")
    try:
        setup = TrialSetup(target)
    except Unmeasurable as reason:
        return tuple(Trial(behaviour=behaviour.key, kept=None, detail=str(reason)) for behaviour in behaviours)
    return tuple(run_trials(setup, behaviours))


def run_trials(setup: TrialSetup, behaviours: Iterable[Behaviour]) -> Iterator[Trial]:
    """One trial of each behaviour. A trial that crashes shows nothing, and the others still run. If a trial finds on
    its way that another behaviour is broken, the result of that other behaviour says so, whatever its own trial
    showed."""
    shown: list[tuple[str, TrialResult]] = []
    met: dict[str, str] = {}
    for behaviour in behaviours:
        try:
            result = behaviour.trial(setup)
        except BrokenRule as broken:
            result = TrialResult(None, str(broken))
            met.setdefault(broken.rule, broken.seen)
        except Unmeasurable as reason:
            result = TrialResult(None, str(reason))
        except Exception as problem:  # noqa: BLE001 # a platform may send anything
            result = TrialResult(None, f"the trial crashed: {type(problem).__name__}: {problem}")
        shown.append((behaviour.key, result))
    for key, own in shown:
        result = TrialResult(False, met[key]) if key in met and own.kept is not False else own
        yield Trial(behaviour=key, kept=result.kept, detail=result.detail)
