"""Tries all behaviours that the platform promises: in the quiet, and while candidates work."""

from collections.abc import Iterator
from contextlib import suppress

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.catalogue import BEHAVIOURS, not_promised
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.evidence import Trial
from pytest_examday.suites.exam.load.exam_loads import drill_load
from pytest_examday.target.target import Target

QUIET = "in the quiet"
LOADED = "under load"


def tried_at_all_moments(target: Target) -> tuple[Trial, ...]:
    """Every trial of every behaviour that the platform promises."""
    excused = not_promised(target.environment)
    promised = [behaviour for behaviour in BEHAVIOURS if behaviour.key not in excused]
    target.run.progress.say(f"experience: {len(promised)} rules of the exam, in the quiet and under load")
    try:
        trier = Trier(target)
    except Unmeasurable as reason:
        return tuple(_untried(behaviour, moment, reason) for moment in (QUIET, LOADED) for behaviour in promised)
    return (*tried(trier, promised, QUIET), *_under_load(trier, promised))


def _under_load(trier: Trier, promised: list[Behaviour]) -> tuple[Trial, ...]:
    """The same trials while as many candidates work as in a drill."""
    target = trier.target
    profile = target.environment.profile.drill
    try:
        with drill_load(target, "experience", profile) as actors:
            actors.wait_for_work(profile.habits.patience_seconds)
            made = tuple(tried(trier, promised, LOADED))
            if not actors.alive:
                raise Unmeasurable("the load ended before the trials did")
            with suppress(Unmeasurable):  # candidates who do not come to their end had been at work all the same
                actors.finish()
                actors.wait(2 * profile.habits.patience_seconds)
    except Unmeasurable as reason:
        return tuple(_untried(behaviour, LOADED, reason) for behaviour in promised)
    return made


def tried(trier: Trier, promised: list[Behaviour], moment: str) -> Iterator[Trial]:
    """One trial of each behaviour. A trial that crashes shows nothing, and ends none of the others."""
    for behaviour in promised:
        try:
            shown = behaviour.trial(trier)
        except Unmeasurable as reason:
            shown = Shown(None, str(reason))
        except Exception as problem:  # noqa: BLE001 # a platform may send anything
            shown = Shown(None, f"the trial crashed: {type(problem).__name__}: {problem}")
        yield Trial(behaviour=behaviour.key, moment=moment, held=shown.held, detail=shown.detail)


def _untried(behaviour: Behaviour, moment: str, reason: Unmeasurable) -> Trial:
    return Trial(behaviour=behaviour.key, moment=moment, held=None, detail=str(reason))
