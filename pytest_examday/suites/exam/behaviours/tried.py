"""Tries all behaviours that the platform promises."""

from collections.abc import Iterable, Iterator

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.catalogue import promised
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.evidence import Trial
from pytest_examday.target.target import Target


def all_tried(target: Target) -> tuple[Trial, ...]:
    """One trial of every behaviour that the platform promises, one after the other."""
    behaviours = promised(target.environment)
    target.run.progress.say(f"experience: {len(behaviours)} rules of the exam")
    try:
        trier = Trier(target)
    except Unmeasurable as reason:
        return tuple(Trial(behaviour=one.key, held=None, detail=str(reason)) for one in behaviours)
    return tuple(tried(trier, behaviours))


def tried(trier: Trier, behaviours: Iterable[Behaviour]) -> Iterator[Trial]:
    """One trial of each behaviour. A trial that crashes shows nothing, and ends none of the others."""
    for behaviour in behaviours:
        try:
            shown = behaviour.trial(trier)
        except Unmeasurable as reason:
            shown = Shown(None, str(reason))
        except Exception as problem:  # noqa: BLE001 # a platform may send anything
            shown = Shown(None, f"the trial crashed: {type(problem).__name__}: {problem}")
        yield Trial(behaviour=behaviour.key, held=shown.held, detail=shown.detail)
