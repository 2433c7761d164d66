"""Reads exam mode again later in a rehearsal, and calls protected operations again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_examday.contract.contract import ProtectedOperation
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.integrity.table_watch import TableWatch
from pytest_examday.suites.exam.evidence import ExamModeAgain, FreezeEvidence
from pytest_examday.suites.exam.exam_mode.late_effects import late_effects
from pytest_examday.suites.exam.exam_mode.read_exam_mode import Survey, one_reading, survey_of
from pytest_examday.suites.exam.exam_mode.redis_keys import with_redis_keys
from pytest_examday.suites.exam.exam_mode.try_acts import Act, ActResult, protected_act
from pytest_examday.suites.exam.exam_mode.watched_acts import WatchedActs
from pytest_examday.suites.exam.probe_names import (
    EXAM_MODE_AFTER,
    EXAM_MODE_PROBES,
    PROTECTED_AFTER,
    PROTECTED_PROBES,
)

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_ALL_PROBES = (*EXAM_MODE_PROBES, *PROTECTED_PROBES)


def exam_mode_afterwards(target: "Target") -> tuple[Probe, ...]:
    """Probes: no operation that was refused in phase 1 has been carried out since, every worker runs in exam mode, and
    protected operations refuse and change nothing."""
    if target.environment.why_exam_mode_unreadable() is not None:
        return ()
    watch = TableWatch(target.connections.database, target.environment.platform.database_schema)
    return (*late_effects(target, watch), *_mode_and(target, lambda survey: _protected(target, watch, survey)))


def exam_mode_and_refusals(target: "Target") -> tuple[Probe, ...]:
    """Probes: every worker runs in exam mode, and protected operations refuse. Their effects in the database are not
    looked for."""
    if target.environment.why_exam_mode_unreadable() is not None:
        return ()
    return _mode_and(target, lambda survey: _refusals(target, survey))


def exam_mode_again(target: "Target") -> ExamModeAgain | None:
    """Exam mode and the replies of the protected operations once more, and what they remove from Redis; None if nothing
    tells exam mode.

    Nothing is tried if phase 1 or a drill has already reported that they do not hold.
    """
    if target.environment.why_exam_mode_unreadable() is not None:
        return None
    freeze = target.files.store.read("freeze", FreezeEvidence).record
    if freeze is not None and not freeze.exam_mode_is_on:
        return ExamModeAgain(reported_by="phase 1")
    for drill in target.files.store.all_of(DrillEvidence):
        if any(probe.name in _ALL_PROBES and probe.passed is False for probe in drill.probes):
            return ExamModeAgain(reported_by=drill.drill)
    try:
        return ExamModeAgain(probes=with_redis_keys(target, lambda: exam_mode_and_refusals(target)))
    except Unmeasurable as reason:
        return ExamModeAgain(probes=(Probe.untried(EXAM_MODE_AFTER, str(reason)),))


def exam_mode_once(target: "Target") -> ExamModeAgain | None:
    """One reading of exam mode and, if it is on, one call of each protected operation with each of its bodies: little
    enough to be done while candidates work. None if nothing tells exam mode.

    Nothing is tried if phase 1 has already reported that they do not hold.
    """
    if target.environment.why_exam_mode_unreadable() is not None:
        return None
    freeze = target.files.store.read("freeze", FreezeEvidence).record
    if freeze is not None and not freeze.exam_mode_is_on:
        return ExamModeAgain(reported_by="phase 1")
    try:
        return ExamModeAgain(probes=_judged_mode(one_reading(target), lambda survey: _refusals(target, survey)))
    except Unmeasurable as reason:
        return ExamModeAgain(probes=(Probe.untried(EXAM_MODE_AFTER, str(reason)),))


def _mode_and(target: "Target", protected: Callable[[Survey], tuple[Probe, ...]]) -> tuple[Probe, ...]:
    """The probe of exam mode and, if it is on in every reading, those of the protected operations."""
    return _judged_mode(survey_of(target), protected)


def _judged_mode(survey: Survey, protected: Callable[[Survey], tuple[Probe, ...]]) -> tuple[Probe, ...]:
    if survey.off:
        return (Probe(name=EXAM_MODE_AFTER, passed=False, detail=f"off in {', '.join(survey.off)}"),)
    if not survey.all_on:
        return (
            Probe.untried(EXAM_MODE_AFTER, f"{len(survey.unreadable)} readings show nothing: {survey.unreadable[:1]}"),
        )
    by = (
        f"on in {len(survey.readings)} of {len(survey.readings)} readings"
        if survey.readings
        else f"on by {survey.flag.whose if survey.flag else '?'}"
    )
    return (
        Probe(name=EXAM_MODE_AFTER, passed=True, detail=by),
        *protected(survey),
    )


def _protected(target: "Target", watch: TableWatch, survey: Survey) -> tuple[Probe, ...]:
    """Call every protected operation again on the workers of the survey, this time with exams in the database.

    Phase 1 may have met empty tables, in which nothing shows."""
    again = _acts(target, survey)
    if not again:
        return ()
    acts = WatchedActs(watch, target.environment.platform.contract.audit_tables, set(watch.count()))
    tried = {act.name: acts.do(act) for act in again}
    effects = acts.conclude()
    changes = [change for change in effects.changes if change.is_effect] if effects is not None else []
    done = [
        f"{found.name}: refused, and {found.table} changed (rows written: {found.written}, gone: {found.gone})"
        for found in changes
    ]
    return (_judged(tried, done),)


def _refusals(target: "Target", survey: Survey) -> tuple[Probe, ...]:
    """Call every protected operation again on the workers of the survey, or once if the survey is a single reading, and
    look only at the replies."""
    tried = {act.name: act.do(lambda worker: None) for act in _acts(target, survey)}
    return (_judged(tried, []),) if tried else ()


def _acts(target: "Target", survey: Survey) -> list[Act]:
    """The protected operations that are called again. Those that did not hold in phase 1 are left out, because phase 1
    has reported them. Nothing is called if the administrator's token is lacking."""
    protected_operations = _held_before(target)
    try:
        token = target.accounts.auth_token() if protected_operations else ""
    except Unmeasurable:
        return []
    return [protected_act(target, protected, token, survey) for protected in protected_operations]


def _judged(tried: dict[str, ActResult], done: list[str]) -> Probe:
    """The probe of all protected operations; `done` is what they did although they refused, in words."""
    broken = [
        f"{name}: {result.probe.detail}"
        for name, result in tried.items()
        if result.probe is not None and not result.as_required
    ]
    broken += done
    if broken:
        return Probe(name=PROTECTED_AFTER, passed=False, detail="; ".join(broken))
    unclear = [f"{name}: {result.untried}" for name, result in tried.items() if result.untried is not None]
    if unclear:
        return Probe.untried(PROTECTED_AFTER, "; ".join(unclear))
    return Probe(name=PROTECTED_AFTER, passed=True, detail=_refused(tried))


def _held_before(target: "Target") -> list[ProtectedOperation]:
    """The protected operations of the contract that held in phase 1; all of them if there was no phase 1."""
    protected_operations = target.environment.platform.contract.protected
    freeze = target.files.store.read("freeze", FreezeEvidence).record
    if freeze is None:
        return list(protected_operations)
    changed = {change.name for change in freeze.effects.changes} if freeze.effects is not None else set()
    held = {probe.name for probe in freeze.protected if probe.passed} - changed
    return [protected for protected in protected_operations if protected.name in held]


def _refused(tried: dict[str, ActResult]) -> str:
    calls = sum(result.calls for result in tried.values())
    operations = f"{len(tried)} protected operation{'' if len(tried) == 1 else 's'}"
    return f"{calls} of {calls} calls refused ({operations})"
