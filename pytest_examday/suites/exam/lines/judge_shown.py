"""Judges whether candidates were shown what was acknowledged."""

from collections.abc import Sequence

from pytest_examday.core.findings import Findings
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.evidence.reconciliation import Reconciliation


def judge_shown(
    fates: Sequence[ActorFate], stored: Reconciliation | None, findings: Findings, *, where: str = ""
) -> list[ActorFate]:
    """Fail if candidates were shown something else than was acknowledged, and return their fates.

    What is stored wrongly is shown wrongly too, and other lines report it: such candidates are left out. `where` begins
    the reason."""
    stored_wrongly = frozenset() if stored is None else stored.stored_wrongly
    wrong = [fate for fate in fates if fate.shown_wrongly and fate.actor not in stored_wrongly]
    if wrong:
        first = wrong[0]
        message = f"{len(wrong)} of {len(fates)} candidates were shown something else than was acknowledged"
        findings.fail(f"{where}{message}; first: {first.actor}, session {first.subject}: {first.shown_wrongly[0]}")
    return wrong
