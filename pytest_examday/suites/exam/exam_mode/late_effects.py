"""Looks at the end of a rehearsal for operations and jobs that were refused or skipped in phase 1 and done later."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.table_snapshot import TableSnapshot
from pytest_examday.integrity.table_watch import Table, TableWatch
from pytest_examday.suites.exam.evidence import (
    EXAM_OPERATIONS,
    ExamModeAgain,
    FreezeEvidence,
    LoadEvidence,
    ObservabilityEvidence,
)
from pytest_examday.suites.exam.exam_mode.try_acts import Act
from pytest_examday.suites.exam.probe_names import PROTECTED_PROBES

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_NAME = "no late effects of protected operations and jobs"


def snapshot_for_later(
    watch: TableWatch, acts: Iterable[Act], audit_tables: Iterable[str], changed_by_others: Iterable[Table]
) -> TableSnapshot | None:
    """The row counts of the tables in which a refused operation or skipped job would have its effect. Tables that other
    people or an exam change as well are left out. None if the database was not looked at."""
    named = {name for act in acts for name in act.tables} - set(audit_tables)
    tables = {table for table in watch.tables if any(map(table.is_named, named))} - set(changed_by_others)
    return None if watch.unmeasured is not None else watch.snapshot(tables)


def late_effects(target: "Target", watch: TableWatch) -> tuple[Probe, ...]:
    """The changes since phase 1 in the tables of its snapshot. There is no probe if the snapshot has no table, or if a
    protected operation was accepted since, in a drill or around the load: then the rehearsal itself has done what was
    refused.

    The change may come from a refused operation that was done later, or from somebody else's work, or from candidates
    if the exam of phase 1 was not sat to its end. So a change is neither a failure nor a pass."""
    freeze = target.files.store.read("freeze", FreezeEvidence).record
    if (
        freeze is None
        or freeze.table_snapshot is None
        or not freeze.table_snapshot.rows
        or watch.unmeasured is not None
    ):
        return ()
    if _done_since(target):
        return ()
    changes = watch.since(freeze.table_snapshot)
    if watch.unmeasured is not None:
        return (Probe.untried(_NAME, watch.unmeasured),)
    failed = [probe.name for probe in freeze.endpoints if probe.name in EXAM_OPERATIONS and not probe.passed]
    if changes and failed:
        why = "the rehearsal's own exam in phase 1 could not show which tables an ordinary exam writes"
        return (Probe.untried(_NAME, f"{why}: {', '.join(failed)} did not work there"),)
    if changes:
        message = ", ".join(
            f"{name} (rows written: {change.written}, gone: {change.gone})" for name, change in changes.items()
        )
        why = "what was refused or skipped in phase 1 was done later, or somebody else writes there"
        return (Probe.untried(_NAME, f"these tables have changed since phase 1: {message}; {why}"),)
    return (
        Probe(name=_NAME, passed=True, detail=f"{len(freeze.table_snapshot.rows)} tables are as they were in phase 1"),
    )


def _done_since(target: "Target") -> bool:
    """Whether a protected operation was accepted since phase 1: in a drill that has ended, in the middle of the load,
    after it, or after the drills."""
    store = target.files.store
    load = store.read("load", LoadEvidence).record
    later = store.read("observability", ObservabilityEvidence).record
    tried: list[DrillEvidence | ExamModeAgain | None] = [*store.all_of(DrillEvidence)]
    tried += [] if load is None else [load.exam_mode_meanwhile, load.exam_mode]
    tried += [] if later is None else [later.exam_mode]
    probes = (probe for one in tried if one is not None for probe in one.probes)
    return any(probe.name in PROTECTED_PROBES and probe.passed is False for probe in probes)
