"""Reads exam mode once more after a restart, and tries the guards while there are exams."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_examday.contract.contract import Guard
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.integrity.table_watch import TableWatch
from pytest_examday.suites.exam.evidence import FreezeEvidence
from pytest_examday.suites.exam.exam_mode.acts import Act, Tried, guard_act
from pytest_examday.suites.exam.exam_mode.effects import WatchedActs
from pytest_examday.suites.exam.exam_mode.late_effects import GUARDS, late_effects
from pytest_examday.suites.exam.exam_mode.survey import Survey, survey_of

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

EXAM_MODE = "exam mode after"
"""The probe of exam mode that is read once more."""


def exam_mode_and_guards(target: "Target") -> tuple[Probe, ...]:
    """What was refused in phase 1 has not been done since, every worker runs in exam mode, and guards refuse and change
    nothing."""
    if target.environment.platform.contract.exam_mode is None:
        return ()
    watch = TableWatch(target.connections.database, target.environment.platform.database_schema)
    return (*late_effects(target, watch), *_mode_and(target, lambda made: _guards(target, watch, made)))


def exam_mode_and_refusals(target: "Target") -> tuple[Probe, ...]:
    """Every worker runs in exam mode, and guards refuse. What the guards do to the database is not looked at."""
    if target.environment.platform.contract.exam_mode is None:
        return ()
    return _mode_and(target, lambda made: _refusals(target, made))


def _mode_and(target: "Target", guards: Callable[[Survey], tuple[Probe, ...]]) -> tuple[Probe, ...]:
    """The probe of exam mode and, where it is on in every reading, those of the guards."""
    made = survey_of(target)
    off = sorted({reading.worker or "a worker" for reading in made.readings if reading.on is False})
    if off:
        return (Probe(name=EXAM_MODE, passed=False, detail=f"off in {', '.join(off)}"),)
    if not made.all_on:
        return (Probe.untried(EXAM_MODE, f"{len(made.unreadable)} readings tell nothing: {made.unreadable[:1]}"),)
    return (Probe(name=EXAM_MODE, passed=True, detail=f"on in {len(made.readings)} readings"), *guards(made))


def _guards(target: "Target", watch: TableWatch, made: Survey) -> tuple[Probe, ...]:
    """Call every guard on every worker once more, this time with exams in the database.

    Phase 1 may have met empty tables, in which nothing shows."""
    again = _acts(target, made)
    if not again:
        return ()
    acts = WatchedActs(watch, target.environment.platform.contract.records, set(watch.look()))
    tried = {act.name: acts.do(act) for act in again}
    effects = acts.conclude()
    changes = [change for change in effects.changes if change.is_effect] if effects is not None else []
    done = [
        f"{one.name}: refused, and {one.table} changed (rows written: {one.written}, gone: {one.gone})"
        for one in changes
    ]
    return (_judged(tried, done),)


def _refusals(target: "Target", made: Survey) -> tuple[Probe, ...]:
    """Call every guard on every worker once more, and look at the answers alone."""
    tried = {act.name: act.do(lambda worker: None) for act in _acts(target, made)}
    return (_judged(tried, []),) if tried else ()


def _acts(target: "Target", made: Survey) -> list[Act]:
    """The guards that are called again. What was wrong in phase 1 is told there: guards that did not hold are left out,
    and nothing is called where the administrator's token is lacking."""
    guards = _held_before(target)
    try:
        token = target.accounts.auth_token() if guards else ""
    except Unmeasurable:
        return []
    return [guard_act(target, guard, token, made) for guard in guards]


def _judged(tried: dict[str, Tried], done: list[str]) -> Probe:
    """The probe of all guards; `done` is what they did although they refused, in words."""
    broken = [f"{name}: {one.probe.detail}" for name, one in tried.items() if one.probe is not None and not one.held]
    broken += done
    if broken:
        return Probe(name=GUARDS, passed=False, detail="; ".join(broken))
    unclear = [f"{name}: {one.untried}" for name, one in tried.items() if one.untried is not None]
    if unclear:
        return Probe.untried(GUARDS, "; ".join(unclear))
    return Probe(name=GUARDS, passed=True, detail=_refused(tried))


def _held_before(target: "Target") -> list[Guard]:
    """The guards of the contract that held in phase 1; all of them where there was none."""
    guards = target.environment.platform.contract.guards
    freeze = target.run.store.read("freeze", FreezeEvidence).record
    if freeze is None:
        return list(guards)
    changed = {change.name for change in freeze.effects.changes} if freeze.effects is not None else set()
    held = {probe.name for probe in freeze.guards if probe.passed} - changed
    return [guard for guard in guards if guard.name in held]


def _refused(tried: dict[str, Tried]) -> str:
    calls = sum(one.calls for one in tried.values())
    return f"{len(tried)} guards refused in {calls} calls"
