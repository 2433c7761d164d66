"""What went wrong in each phase: failed checks, gates that did not pass, and what a drill itself shows."""

from collections.abc import Iterable

from pytest_examday.core.verdict import Check, Verdict
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.report.words import one_line
from pytest_examday.suites.exam.report.facts import gate_rows
from pytest_examday.suites.exam.report.source import Source, not_measured

PHASE_OF_GATE = {
    "exam-mode-verified": 1,
    "p95-latency": 2,
    "error-rate": 2,
    "db-pool": 2,
    "failures-handled": 3,
    "zero-data-loss": 4,
    "no-corrupted-sessions": 4,
    "no-duplicate-submits": 4,
    "logs-sufficient": 6,
    "no-silent-failures": 6,
    "recovery-tested": 7,
    "no-manual-fixes": 7,
}
"""The phase under whose "Issues Found" a gate's failure is told."""


def phase_issues(verdict: Verdict | None, phase: int) -> tuple[str, ...]:
    """The issues of one phase, one line each; where there are none it says what was looked at."""
    checks = tuple(check for check in verdict.checks if check.phase == phase) if verdict else ()
    found = [*_failed(checks), *_gates(verdict, phase)]
    return tuple(found) or (_nothing_found(verdict, checks, phase),)


def drill_issues(verdict: Verdict | None, letter: str, source: Source[DrillEvidence]) -> tuple[str, ...]:
    """The issues of one failure scenario of phase 3, which the checks name by its letter."""
    checks = tuple(c for c in verdict.checks if c.phase == 3 and c.title.startswith(f"{letter})")) if verdict else ()
    return (*_failed(checks), *own_issues(source)) or (_nothing_found(verdict, checks, 3),)


def own_issues(source: Source[DrillEvidence]) -> tuple[str, ...]:
    """What the evidence of a drill shows by itself; nothing where all is well."""
    return (not_measured(source.why),) if source.record is None else tuple(_seen(source.record))


def _failed(checks: Iterable[Check]) -> list[str]:
    return [
        f"{check.title}: {one_line(check.message) or check.outcome}" for check in checks if check.outcome != "passed"
    ]


def _gates(verdict: Verdict | None, phase: int) -> list[str]:
    rows = [row for row in gate_rows(verdict) if PHASE_OF_GATE.get(row.name) == phase and not row.good]
    return [f"gate {row.name} ({row.state}): {row.reason}" for row in rows]


def _seen(drill: DrillEvidence) -> list[str]:
    found = [f"{probe.name}: {probe.detail}" for probe in drill.probes if not probe.passed]
    crashed = drill.crashed(drill.during.overall)
    if crashed:
        found.append(f"{crashed} of {drill.during.overall.judged} requests crashed while the fault was in")
    if drill.stopped is not None:
        found.append(f"stopped on harm: {one_line(drill.stopped)}")
    if drill.reconciliation is None:
        found.append(not_measured("the answers of this drill were not compared with the database"))
    elif drill.reconciliation.losses:
        found.append(f"{drill.reconciliation.losses} acknowledged writes were lost or changed")
    if drill.reconciliation is not None and drill.reconciliation.unread:
        found.append(f"{drill.reconciliation.unread} sessions could not be read back")
    if not drill.fault_gone:
        found.append(f"the fault is not shown to be gone: {drill.fault_gone_detail}")
    return found


def _nothing_found(verdict: Verdict | None, checks: tuple[Check, ...], phase: int) -> str:
    if checks:
        return f"none ({len(checks)} checks passed)"
    if verdict is None or (phase not in PHASE_OF_GATE.values()):
        return not_measured("the checks of this phase were not part of this run")
    return "none by the gates (the checks of this phase were not part of this run)"
